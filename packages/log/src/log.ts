import { destination as openDestination, pino, type DestinationStream } from 'pino';
import { plainFields } from './plain-value.ts';
import { pretty } from './pretty.ts';
import { withoutUnprintable } from './unprintable.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = object;

/** error: someone must act. warn: we coped. info: life events. debug: the rest. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with fields that stand in every line. */
  child(fields: LogFields): Log;
  /** Writes out what is buffered; after it the process may end. */
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** json: an object a line, for programs; pretty: for people; auto: pretty on a terminal. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** Gets each line, with its line end. Undefined: standard error. */
  readonly write?: (line: string) => void;
}

/** Lines are gathered up to this size before they are written; a timer of `FLUSH_MS` sees to the rest. */
const BUFFER_BYTES = 4096;
const FLUSH_MS = 200;
/** Where nobody reads the log fast enough, lines are dropped beyond this: a slow reader must not cost memory, nor stop the mail. */
const MOST_WAITING_BYTES = 16_000_000;
const STDERR = 2;

export function createLog(options: LogOptions): Log {
  const stream = streamFor(options);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
    },
    stream.target,
  );
  const wrap = (inner: typeof logger): Log => {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
      if (inner.isLevelEnabled(level)) inner[level](fields ? plainFields(fields) : {}, message);
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => wrap(inner.child(plainFields(fields))),
      flush: stream.flush,
    };
  };
  return wrap(logger);
}

/** Says nothing: for tests and for commands that print their own words. */
export function silentLog(): Log {
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    child: () => log,
    flush: () => undefined,
  };
  return log;
}

function streamFor(options: LogOptions): { readonly target: DestinationStream; readonly flush: () => void } {
  const { write, format } = options;
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  const shape = (line: string) => withoutUnprintable(isPretty ? pretty(line) : line);
  if (write) return { target: { write: (line: string) => write(shape(line)) }, flush: () => undefined };
  const buffered = openDestination({
    dest: STDERR,
    sync: false,
    minLength: BUFFER_BYTES,
    maxLength: MOST_WAITING_BYTES,
    periodicFlush: FLUSH_MS,
  });
  // The terminal or pipe is gone. There is nobody left to tell, and the mail goes on.
  buffered.on('error', () => undefined);
  return { target: { write: (line: string) => void buffered.write(shape(line)) }, flush: () => buffered.flushSync() };
}
