import { decodeXtext } from '@stopgap/message';
import { replies, type Reply } from './replies.ts';

/** `MAIL FROM:<path> NAME=value NAME` taken apart (RFC 5321 4.1.1.2, 4.1.1.3, 4.1.2). */
export interface PathCommand {
  /** What stood between the brackets. */
  readonly path: string;
  /** Names in capitals; '' for one without a value. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** One bracketed path; what comes between `:` and `<` is forgiven, programs send blanks there. */
const COMMAND = /^(?:MAIL FROM|RCPT TO): *<([^<>]*)>((?: +[^ ]+)*) *$/i;
/** RFC 5321 4.1.2 esmtp-param; RFC 6531 3.3 lets values be UTF-8. */
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\u0000-\u0020=\u007f-\u009f]+))?$/;

export function parsePathCommand(line: string, usage: string): PathCommand | Reply {
  const match = COMMAND.exec(line);
  if (!match) return replies.syntax(usage);
  const parameters = new Map<string, string>();
  for (const text of (match[2] ?? '').split(' ')) {
    if (text === '') continue;
    const parameter = PARAMETER.exec(text);
    if (!parameter) return replies.badParameter('A parameter is NAME or NAME=value');
    const name = (parameter[1] ?? '').toUpperCase();
    // RFC 3461 4: each at most once.
    if (parameters.has(name)) return replies.badParameter(`Parameter ${name} is there twice`);
    parameters.set(name, parameter[2] ?? '');
  }
  return { path: match[1] ?? '', parameters };
}

/** A decoded xtext value, no longer than `longest` on the wire; undefined: it is not one. */
export function xtextParameter(value: string, longest: number): string | undefined {
  if (value === '' || value.length > longest) return undefined;
  return decodeXtext(value);
}
