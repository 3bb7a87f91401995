import type { LoginCredential, LoginVerdict, Reason } from '@stopgap/core';
import { unechoed } from '../net/unechoed.ts';

/** RFC 1939 3, with the response codes of RFC 2449 8. `code` upper case, '' where there is none; `text` printable. */
export interface Pop3Reply {
  readonly isOk: boolean;
  readonly code: string;
  readonly text: string;
  /** The whole line, printable. */
  readonly said: string;
  /** The server ends its lines with LF alone. */
  readonly isBare: boolean;
}

/** Undefined: that is no answer of a POP3 server. */
export function readReply({ text, isBare }: { readonly text: string; readonly isBare: boolean }): Pop3Reply | undefined {
  const said = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  const match = /^(\+OK|-ERR)(?: (?:\[([^\]]{1,64})\])?(.*))?$/i.exec(said);
  if (match === null) return undefined;
  const [, word = '', code = '', words = ''] = match;
  return { isOk: word.startsWith('+'), code: code.toUpperCase(), text: words.trim(), said, isBare };
}

/** Of this log-in alone, and over soon: somebody else has the mailbox open, or it was opened too short a time ago. Nobody's fault. */
const BUSY_CODES: ReadonlySet<string> = new Set(['IN-USE', 'LOGIN-DELAY']);

const CREDENTIAL_TEXT =
  /authenticat|not accepted|(?:invalid|incorrect|wrong|bad) (?:credentials|user|login|password)|(?:login|password) (?:failed|incorrect|invalid|wrong)/i;

/**
 * What a refused USER or PASS means. RFC 3206: AUTH speaks of the credential, SYS of the server. Dovecot 2.3 also says `[AUTH] Maintenance` to a log-in
 * that the provider has blocked (nologin), so the words have to agree with the code.
 */
export function refusedLogin(reply: Pop3Reply, credential: LoginCredential, host: string): LoginVerdict {
  const text = `${host} said: ${unechoed(reply.said.replace(/^-ERR ?/i, ''), credential)}`;
  if (BUSY_CODES.has(reply.code)) return { kind: 'undecided', reason: { class: 'greylist', text, host } };
  const isClear = CREDENTIAL_TEXT.test(reply.text);
  const isRefused = reply.code === 'AUTH' ? isClear || reply.text === '' : reply.code === '' && isClear;
  return { kind: isRefused ? 'refused' : 'undecided', reason: { class: 'auth', text, host } };
}

/** Why a command after the log-in was refused. */
export function refusalOf(reply: Pop3Reply, host: string): Reason {
  const text = `${host} said: ${reply.said.replace(/^-ERR ?/i, '')}`;
  return { class: BUSY_CODES.has(reply.code) ? 'greylist' : 'connect', text, host };
}
