import { SyntaxFault } from '../wire/faults.ts';
import type { Scanner } from '../wire/scanner.ts';

/** Of one command; each may be as large as the message. */
const MOST_ITEMS = 100;
const MOST_FIELDS = 200;
/** RFC 9051 9 section-part; messages are not deeper. */
const DEEPEST_PART = 60;

export type SimpleItem =
  | 'uid'
  | 'flags'
  | 'internaldate'
  | 'size'
  | 'envelope'
  | 'body'
  | 'bodystructure'
  | 'modseq'
  | 'emailid'
  | 'threadid'
  | 'savedate'
  | 'preview';

export interface Section {
  /** `1.2`; empty: the message itself. */
  readonly part: readonly number[];
  readonly of: 'all' | 'header' | 'text' | 'mime' | { readonly fields: readonly string[]; readonly isNot: boolean };
}

export interface Partial {
  readonly offset: number;
  readonly length: number;
}

interface SectionItem<Kind extends string> {
  readonly kind: Kind;
  /** How the answer names it, without the partial. */
  readonly label: string;
  readonly section: Section;
  readonly setsSeen: boolean;
  readonly partial?: Partial;
}

export type ContentItem = SectionItem<'section'> | SectionItem<'binary'> | SectionItem<'binary-size'>;
export type FetchItem = { readonly kind: SimpleItem } | ContentItem;

const SIMPLE: ReadonlyMap<string, SimpleItem> = new Map([
  ['UID', 'uid'],
  ['FLAGS', 'flags'],
  ['INTERNALDATE', 'internaldate'],
  ['RFC822.SIZE', 'size'],
  ['ENVELOPE', 'envelope'],
  ['BODY', 'body'],
  ['BODYSTRUCTURE', 'bodystructure'],
  ['MODSEQ', 'modseq'],
  ['EMAILID', 'emailid'],
  ['THREADID', 'threadid'],
  ['SAVEDATE', 'savedate'],
  ['PREVIEW', 'preview'],
]);

/** RFC 9051 6.4.5. */
const MACROS: ReadonlyMap<string, readonly SimpleItem[]> = new Map([
  ['FAST', ['flags', 'internaldate', 'size']],
  ['ALL', ['flags', 'internaldate', 'size', 'envelope']],
  ['FULL', ['flags', 'internaldate', 'size', 'envelope', 'body']],
]);

/** RFC 3501 6.4.5: older names of sections. */
const OLD_SECTIONS: ReadonlyMap<string, { readonly of: Section['of']; readonly setsSeen: boolean }> = new Map([
  ['RFC822', { of: 'all', setsSeen: true }],
  ['RFC822.HEADER', { of: 'header', setsSeen: false }],
  ['RFC822.TEXT', { of: 'text', setsSeen: true }],
]);

/** A macro, one item, or a list of them. */
export function readFetchItems(args: Scanner): readonly FetchItem[] {
  if (args.peek() === '(') {
    let count = 0;
    return args.list(() => {
      count += 1;
      if (count > MOST_ITEMS) throw new SyntaxFault('Too many items');
      return readItem(args, args.name());
    });
  }
  const name = args.name();
  return MACROS.get(name)?.map((kind) => ({ kind })) ?? [readItem(args, name)];
}

function readItem(args: Scanner, name: string): FetchItem {
  if (args.peek() === '[') return readSectionItem(args, name);
  const simple = SIMPLE.get(name);
  if (simple !== undefined) {
    // RFC 8970 3.1: LAZY allows to leave it out when it costs much; here it never does.
    if (simple === 'preview' && args.accept(' (LAZY)')) return { kind: simple };
    return { kind: simple };
  }
  const old = OLD_SECTIONS.get(name);
  if (old === undefined) throw new SyntaxFault('No such item');
  return { kind: 'section', label: name, section: { part: [], of: old.of }, setsSeen: old.setsSeen };
}

function readSectionItem(args: Scanner, name: string): FetchItem {
  args.expect('[');
  const section = readSection(args);
  args.expect(']');
  const label = `[${sectionText(section)}]`;
  switch (name) {
    case 'BODY':
    case 'BODY.PEEK':
      return { kind: 'section', label: `BODY${label}`, section, setsSeen: name === 'BODY', ...readPartial(args) };
    case 'BINARY':
    case 'BINARY.PEEK':
      onlyParts(section);
      return { kind: 'binary', label: `BINARY${label}`, section, setsSeen: name === 'BINARY', ...readPartial(args) };
    case 'BINARY.SIZE':
      onlyParts(section);
      return { kind: 'binary-size', label: `BINARY.SIZE${label}`, section, setsSeen: false };
    default:
      throw new SyntaxFault('No such item');
  }
}

/** RFC 3516 4.2: parts alone. */
function onlyParts(section: Section): void {
  if (section.of !== 'all') throw new SyntaxFault('BINARY takes the number of a part');
}

function readSection(args: Scanner): Section {
  const part: number[] = [];
  if (args.peek() === ']') return { part, of: 'all' };
  while (/\d/.test(args.peek())) {
    part.push(args.number());
    if (part.length > DEEPEST_PART) throw new SyntaxFault('No part lies so deep');
    if (!args.accept('.')) return { part, of: 'all' };
  }
  const of = args.name();
  if (of === 'HEADER') return { part, of: 'header' };
  if (of === 'TEXT') return { part, of: 'text' };
  if (of === 'MIME' && part.length > 0) return { part, of: 'mime' };
  if (of !== 'HEADER.FIELDS' && of !== 'HEADER.FIELDS.NOT') throw new SyntaxFault('No such section');
  args.space();
  const fields = args.list(() => args.astring());
  if (fields.length === 0 || fields.length > MOST_FIELDS) throw new SyntaxFault(`Name 1 to ${MOST_FIELDS} fields`);
  // RFC 5322 2.2: what can be no name of a field must not come back on a line of ours.
  if (!fields.every((field) => /^[\x21-\x39\x3b-\x7e]+$/.test(field))) throw new SyntaxFault('That is no name of a field');
  return { part, of: { fields, isNot: of === 'HEADER.FIELDS.NOT' } };
}

function readPartial(args: Scanner): { readonly partial?: Partial } {
  if (!args.accept('<')) return {};
  const offset = args.number();
  args.expect('.');
  const length = args.number();
  args.expect('>');
  if (length === 0) throw new SyntaxFault('A partial has at least one octet');
  return { partial: { offset, length } };
}

function sectionText({ part, of }: Section): string {
  const parts = part.join('.');
  if (of === 'all') return parts;
  const dot = parts === '' ? '' : `${parts}.`;
  if (typeof of === 'string') return dot + of.toUpperCase();
  const fields = of.fields.map((field) => (/^[\w-]+$/.test(field) ? field : `"${field.replaceAll(/["\\]/g, String.raw`\$&`)}"`));
  return `${dot}HEADER.FIELDS${of.isNot ? '.NOT' : ''} (${fields.join(' ')})`;
}
