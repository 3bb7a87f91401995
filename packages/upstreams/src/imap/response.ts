/*
 * imapflow's parse tree of one answer, read with suspicion: every part may be missing, of another kind, or twice.
 */
export type Node = Token | readonly Node[] | null | undefined;

export interface Token {
  readonly type: string;
  /** Text as octets (latin1); a literal is a Buffer. */
  readonly value?: string | Buffer;
  readonly section?: readonly Node[];
}

export interface Response {
  readonly tag: string;
  /** `FETCH` and the like stand in the first attribute, behind their number. */
  readonly command: string;
  readonly attributes?: readonly Node[];
  /** Of a SEARCH. */
  readonly numbers?: readonly number[];
}

export interface ResponseCode {
  /** Upper case. */
  readonly name: string;
  readonly values: readonly Node[];
}

export function textOf(node: Node): string | undefined {
  if (!isToken(node) || node.value === undefined) return undefined;
  return typeof node.value === 'string' ? node.value : node.value.toString('latin1');
}

export function bytesOf(node: Node): Buffer | undefined {
  if (!isToken(node) || node.value === undefined) return undefined;
  return typeof node.value === 'string' ? Buffer.from(node.value, 'latin1') : node.value;
}

export function listOf(node: Node): readonly Node[] {
  return isList(node) ? node : [];
}

export function textsOf(node: Node): readonly string[] {
  return listOf(node).flatMap((one) => textOf(one) ?? []);
}

/** Undefined: no number, or one that is larger than 32 bits. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 0xffff_ffff ? number : undefined;
}

/** `UID 5 FLAGS (...) BODY[HEADER] {12}` as pairs; names in upper case, of a section only its first word. */
export function pairsOf(list: readonly Node[]): ReadonlyMap<string, Node> {
  const pairs = new Map<string, Node>();
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at];
    const text = textOf(name)?.toUpperCase();
    if (text === undefined) continue;
    const section = isToken(name) && name.section !== undefined ? `[${textOf(name.section[0])?.toUpperCase() ?? ''}]` : '';
    pairs.set(`${text}${section}`, list[at + 1]);
  }
  return pairs;
}

/** The bracketed code of an OK, NO or BAD. */
export function codeOf(response: Response): ResponseCode | undefined {
  const [first] = response.attributes ?? [];
  if (!isToken(first) || first.section === undefined) return undefined;
  const name = textOf(first.section[0])?.toUpperCase();
  return name === undefined ? undefined : { name, values: first.section.slice(1) };
}

/** The words for a person. */
export function wordsOf(response: Response): string {
  return (response.attributes ?? [])
    .filter((node) => isToken(node) && node.type === 'TEXT')
    .flatMap((node) => textOf(node) ?? [])
    .join(' ')
    .replaceAll(/[\x00-\x1f\x7f]/g, ' ')
    .trim();
}

/** Of `* 12 FETCH (...)`. */
export function fetchedPairs(response: Response): ReadonlyMap<string, Node> {
  return pairsOf(listOf(response.attributes?.[1]));
}

/** RFC 9051 7.5.2, RFC 7162, RFC 8474, RFC 8970 and Gmail's own. */
const FETCH_ITEMS = /^(?:UID|FLAGS|INTERNALDATE|SAVEDATE|RFC822\.SIZE|MODSEQ|EMAILID|THREADID|PREVIEW|BODY|X-[A-Z-]+)$/;

/** Nothing but items and their values: a literal that is longer than it was announced leaves its rest behind. */
export function isWholly(response: Response): boolean {
  const list = listOf(response.attributes?.[1]);
  return list.length % 2 === 0 && list.every((node, at) => at % 2 === 1 || FETCH_ITEMS.test(textOf(node)?.toUpperCase() ?? ''));
}

function isList(node: Node): node is readonly Node[] {
  return Array.isArray(node);
}

function isToken(node: Node): node is Token {
  return node !== null && node !== undefined && !isList(node);
}
