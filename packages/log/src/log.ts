import { MailError } from '@stopgap/core';
import { destination as openDestination, pino, type DestinationStream } from 'pino';
import { pretty } from './pretty.ts';
import { withoutSecrets } from './redact.ts';

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
      if (inner.isLevelEnabled(level)) inner[level](fields ? cleaned(fields) : {}, message);
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => wrap(inner.child(cleaned(fields))),
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
  const shape = isPretty ? pretty : (line: string) => line;
  if (write) return { target: { write: (line: string) => write(shape(line)) }, flush: () => undefined };
  const buffered = openDestination({ dest: STDERR, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS });
  return { target: { write: (line: string) => void buffered.write(shape(line)) }, flush: () => buffered.flushSync() };
}

function cleaned(fields: LogFields): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) plain[name] = value instanceof Error ? described(value) : value;
  return withoutSecrets(plain);
}

/** Message, code and causes; the stack only of what nobody expected. */
function described(error: Error): Record<string, unknown> {
  const isExpected = error instanceof MailError && error.kind !== 'bug';
  return {
    name: error.name,
    text: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...(isExpected ? {} : { stack: error.stack }),
    ...(error.cause instanceof Error ? { cause: described(error.cause) } : {}),
  };
}
