/*
 * A search as the fields of a form, and back: what stands in the box is the whole truth, the form only helps to write it.
 */
import { MOST_TERMS, TERMS } from './parse-search.ts';

export interface SearchFields {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** What has no field of its own, as it is written. */
  readonly words: string;
  /** As `2026-01-31`. */
  readonly after: string;
  readonly before: string;
  readonly folder: string;
  readonly label: string;
  readonly hasAttachment: boolean;
  readonly isUnread: boolean;
  readonly isFlagged: boolean;
}

const TEXTS = { from: 'from', to: 'to', subject: 'subject', after: 'after', before: 'before', in: 'folder', label: 'label' } as const;
const FLAGS = { 'has:attachment': 'hasAttachment', 'is:unread': 'isUnread', 'is:flagged': 'isFlagged' } as const;

const NOTHING: SearchFields = {
  from: '',
  to: '',
  subject: '',
  words: '',
  after: '',
  before: '',
  folder: '',
  label: '',
  hasAttachment: false,
  isUnread: false,
  isFlagged: false,
};

/** The first of each kind has the field; a second one stays among the words. */
export function fieldsOf(text: string): SearchFields {
  const found: Record<string, string | boolean> = {};
  const words: string[] = [];
  for (const [whole, minus, operator = '', quoted, plain] of [...text.matchAll(TERMS)].slice(0, MOST_TERMS)) {
    const name = operator.toLowerCase();
    const value = quoted ?? plain ?? '';
    const flag = lookUp(FLAGS, `${name}:${value.toLowerCase()}`);
    const field = flag ?? lookUp(TEXTS, name);
    if (minus === '' && field !== undefined && !Object.hasOwn(found, field) && value.trim() !== '')
      found[field] = flag === undefined ? value.trim() : true;
    else words.push(whole);
  }
  return { ...NOTHING, ...found, words: words.join(' ') };
}

export function searchText(fields: SearchFields): string {
  const terms = Object.entries(TEXTS).flatMap(([operator, field]) => termOf(operator, fields[field]));
  const flags = Object.entries(FLAGS).flatMap(([term, field]) => (fields[field] ? [term] : []));
  return [...terms, ...flags, fields.words.trim()].filter((term) => term !== '').join(' ');
}

function termOf(operator: string, value: string): readonly string[] {
  // Nothing stands for a quotation mark within quotation marks.
  const plain = value.replaceAll('"', ' ').trim();
  if (plain === '') return [];
  return [/\s/.test(plain) ? `${operator}:"${plain}"` : `${operator}:${plain}`];
}

function lookUp<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
