import { type Address, formatAddress, parseAddress } from '@stopgap/core';

/*
 * One reader of address lists (RFC 5322 3.4 with groups, comments, quoted names) for everything that decides by them: what is shown, accepted
 * and sent must be the same address. It reads strictly. Where two programs could read two different addresses, it gives every candidate and says
 * that the list is not clean. One pass, no recursion; comments are counted, not nested.
 */
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const ENDS_RUN: readonly boolean[] = Array.from({ length: 128 }, (_, code) => ' \t()<>,;:"\\'.includes(String.fromCharCode(code)));

export interface AddressList {
  /** In order, without repetitions. Only what core's `parseAddress` takes. */
  readonly addresses: readonly Address[];
  /** Every mailbox of the list was read without doubt. An empty list is clean. */
  readonly isClean: boolean;
}

interface TextToken {
  readonly kind: 'text';
  readonly text: string;
  readonly isQuoted: boolean;
}
type Token = TextToken | { readonly kind: '<' | '>' | ',' | ';' | ':' | 'bad' };

/** @param text an unfolded header value, decoded (not latin1) */
export function parseAddressList(text: string): AddressList {
  const addresses = new Map<string, Address>();
  let isClean = true;
  let isInGroup = false;
  let isInAngle = false;
  let isPhrase = true;
  let mailbox: Token[] = [];

  const take = () => {
    const read = readMailbox(mailbox);
    if (!read.isClean) isClean = false;
    for (const address of read.addresses) addresses.set(formatAddress(address), address);
    mailbox = [];
    isPhrase = true;
  };
  for (const token of tokensOf(text)) {
    if (token.kind === 'bad') isClean = false;
    else if (token.kind === ',' && !isInAngle) take();
    else if (token.kind === ':' && !isInAngle && !isInGroup && isPhrase) {
      // RFC 5322 3.4: the name of a group is a phrase; a group holds no group.
      if (mailbox.length === 0 || mailbox.some(looksLikeAddress)) isClean = false;
      isInGroup = true;
      mailbox = [];
    } else if (token.kind === ';' && !isInAngle) {
      if (!isInGroup) isClean = false;
      isInGroup = false;
      take();
    } else {
      if (token.kind === '<') isInAngle = true;
      if (token.kind === '>') isInAngle = false;
      if (token.kind !== 'text') isPhrase = false;
      mailbox.push(token);
    }
  }
  if (isInGroup) isClean = false;
  take();
  return { addresses: [...addresses.values()], isClean };
}

/** `[phrase] "<" addr-spec ">"` or `addr-spec`. The addr-spec is one unquoted run: a blank, a comment or a quote inside makes it doubtful. */
function readMailbox(tokens: readonly Token[]): AddressList {
  if (tokens.length === 0) return { addresses: [], isClean: true };
  const open = tokens.findIndex((token) => token.kind === '<');
  const phrase = tokens.slice(0, Math.max(0, open));
  const isFramed = open < 0 || tokens.at(-1)?.kind === '>';
  const [spec, ...more] = open < 0 ? tokens : tokens.slice(open + 1, -1);
  // `alice@a.test <bob@b.test>` is no phrase (RFC 5322 3.2.5), but programs send it, and some read the first address of it.
  const candidates = tokens.filter(looksLikeAddress).flatMap((token) => parseAddress(token.text) ?? []);
  const decoys = phrase.filter(looksLikeAddress);
  const isClean =
    isFramed &&
    more.length === 0 &&
    spec?.kind === 'text' &&
    candidates.length === 1 + decoys.length &&
    (decoys.length === 0 || candidates.every((candidate) => isSame(candidate, spec.text))) &&
    phrase.every((token) => token.kind === 'text');
  return { addresses: isClean ? candidates.slice(-1) : candidates, isClean };
}

function looksLikeAddress(token: Token): token is TextToken {
  return token.kind === 'text' && !token.isQuoted && token.text.includes('@');
}

function isSame(candidate: Address, spec: string): boolean {
  return formatAddress(candidate).toLowerCase() === spec.toLowerCase();
}

function* tokensOf(text: string): Generator<Token> {
  for (let i = 0; i < text.length;) {
    const char = text.charAt(i);
    const end = tokenEnd(text, i);
    if (end < 0) {
      yield { kind: 'bad' };
      return;
    }
    if (char === '<' || char === '>' || char === ',' || char === ';' || char === ':') yield { kind: char };
    else if (hasControl(text, i, end) || end === i) yield { kind: 'bad' };
    else if (char !== '(' && !isBlank(char)) yield { kind: 'text', text: text.slice(i, end), isQuoted: char === '"' };
    i = Math.max(end, i + 1);
  }
}

/** -1: a comment or quote that is never closed. `start` itself: a character that belongs nowhere. */
function tokenEnd(text: string, start: number): number {
  const char = text.charAt(start);
  if (char === '(') return commentEnd(text, start);
  if (char === '"') return quoteEnd(text, start);
  if (isBlank(char) || '<>,;:'.includes(char)) return start + 1;
  return runEnd(text, start);
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t';
}

/** Past the closing bracket; -1: there is none. */
function commentEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i++;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return i + 1;
  }
  return -1;
}

function quoteEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') i++;
    else if (char === '"') return i + 1;
  }
  return -1;
}

/** Atoms, dots, @ and a domain literal hang together. A backslash or a lone `)` belongs nowhere: an empty run. */
function runEnd(text: string, start: number): number {
  let isInLiteral = false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128 && ENDS_RUN[code] === true && !(isInLiteral && code === COLON)) return i;
    if (code === OPEN_BRACKET) isInLiteral = true;
    else if (code === CLOSE_BRACKET) isInLiteral = false;
  }
  return text.length;
}

/** Control characters, C1 too: terminals and some programs act on them. */
function hasControl(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}
