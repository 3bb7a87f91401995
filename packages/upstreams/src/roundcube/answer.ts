/*
 * What Roundcube answers, taken apart. An answer to XMLHttpRequest is JSON whose `exec` is a list of calls, `this.name(json,json);`;
 * a page and a framed answer hold the same calls in their scripts, as `rcmail.name(...)` and `parent.rcmail.name(...)`.
 * Each argument is strict JSON. Texts are localised, so what an answer means is decided by the TYPE of its messages and by its calls.
 */
import { roundcubeError } from './errors.ts';

/** More calls than a full page of messages makes. */
const MOST_CALLS = 5000;

export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface Message {
  readonly text: string;
  /** confirmation, notice, warning, error, loading */
  readonly type: string;
}

export interface Answer {
  readonly calls: readonly Call[];
  readonly messages: readonly Message[];
  readonly env: Readonly<Record<string, unknown>>;
}

export type Caller = 'this' | 'rcmail' | 'parent.rcmail';

export function readJsonAnswer(text: string): Answer {
  const body = parseJson(text);
  if (!isRecord(body)) throw roundcubeError('unintelligible', 'The webmail answered with something that is not its JSON.');
  const calls = scanCalls(typeof body['exec'] === 'string' ? body['exec'] : '', 'this');
  return answerOf(calls, isRecord(body['env']) ? body['env'] : {});
}

/** The calls in the scripts of a page or of a framed answer. */
export function readScriptAnswer(scripts: readonly string[]): Answer {
  const calls = scripts.flatMap((script) => scanCalls(script, 'rcmail'));
  return answerOf(calls, {});
}

/** Sessions end in calls, never in a status code (Roundcube 1.6). */
export function saysSessionLost(answer: Answer): boolean {
  return answer.calls.some((call) => call.name === 'session_error');
}

export function firstError(answer: Answer): Message | undefined {
  return answer.messages.find((message) => message.type === 'error');
}

export function confirmation(answer: Answer): Message | undefined {
  return answer.messages.find((message) => message.type === 'confirmation');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Finds `CALLER.name(` and reads its arguments; text in between is skipped, and so is a call whose arguments are not JSON. */
export function scanCalls(text: string, caller: Caller): Call[] {
  const calls: Call[] = [];
  const head = `${caller}.`;
  let at = text.indexOf(head);
  while (at !== -1 && calls.length < MOST_CALLS) {
    const name = /^[A-Za-z_][A-Za-z0-9_]{0,63}\(/.exec(text.slice(at + head.length, at + head.length + 66))?.[0];
    let next = at + head.length;
    if (name !== undefined) {
      const read = readArguments(text, next + name.length);
      if (read !== undefined) {
        calls.push({ name: name.slice(0, -1), args: read.args });
        next = read.end;
      }
    }
    at = text.indexOf(head, next);
  }
  return calls;
}

function answerOf(calls: readonly Call[], env: Record<string, unknown>): Answer {
  const merged: Record<string, unknown> = { ...env };
  const messages: Message[] = [];
  for (const { name, args } of calls) {
    if (name === 'set_env' && isRecord(args[0])) Object.assign(merged, args[0]);
    if (name === 'set_env' && typeof args[0] === 'string') merged[args[0]] = args[1];
    if (name === 'display_message') messages.push({ text: plain(args[0]), type: typeOf(args[1]) });
    if (name === 'sent_successfully') messages.push({ text: plain(args[1]), type: typeOf(args[0]) });
  }
  return { calls, messages, env: merged };
}

function typeOf(value: unknown): string {
  return typeof value === 'string' ? value : 'notice';
}

/** Texts are made for HTML: the five entities that PHP's htmlspecialchars writes. */
function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#039;': "'", '&#39;': "'", '&amp;': '&' };
  return text.replace(/&(?:lt|gt|quot|#0?39|amp);/g, (entity) => entities[entity] ?? entity);
}

function readArguments(text: string, from: number): { args: unknown[]; end: number } | undefined {
  const args: unknown[] = [];
  let at = skipBlank(text, from);
  if (text[at] === ')') return { args, end: at + 1 };
  for (;;) {
    const end = endOfJson(text, at);
    if (end === undefined) return undefined;
    const value = parseJson(text.slice(at, end));
    if (value === undefined) return undefined;
    args.push(value);
    at = skipBlank(text, end);
    if (text[at] === ')') return { args, end: at + 1 };
    if (text[at] !== ',') return undefined;
    at = skipBlank(text, at + 1);
  }
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/** Where the JSON value that begins here ends, by brackets and strings alone; JSON.parse judges the inside. */
function endOfJson(text: string, from: number): number | undefined {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (char === '{' || char === '[') {
      depth++;
      at++;
    } else if (char === '}' || char === ']') {
      depth--;
      at++;
    } else if (depth === 0) {
      const scalar = /^(?:-?\d[\d.eE+-]{0,40}|true|false|null)/.exec(text.slice(at, at + 48))?.[0];
      return scalar === undefined ? undefined : at + scalar.length;
    } else {
      at++;
      continue;
    }
    if (depth <= 0) return depth === 0 ? at : undefined;
  }
  return undefined;
}

function endOfString(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return undefined;
}

/** JSON has no `undefined`: it stands for "not JSON". */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
