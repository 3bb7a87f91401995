/*
 * What stands in the search box, as a filter (RFC 8621 4.4.1): words, "exact words", -not, and operators `from: to: cc: subject: body: has:attachment
 * is:unread|read|flagged|answered before: after: larger: smaller: in: label:`. What is not understood is looked for as it stands.
 */
import type { Filter, FilterCondition } from '../api/methods.ts';

export const TERMS = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi;
/** More is no search by a person, and of texts of more than 1000 characters none by the relay. */
export const MOST_TERMS = 30;
export const MOST_CHARACTERS = 500;
const SIZE = /^(\d+(?:\.\d+)?)(kb|mb|k|m)?$/i;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

export interface SearchOptions {
  /** The keyword of a label that is called so. */
  readonly findLabel: (name: string) => string | undefined;
  /** The id of a mailbox that is called so. */
  readonly findMailbox: (name: string) => string | undefined;
  /** Where nothing is looked for unless it is named: trash and junk. */
  readonly leftOut: readonly string[];
}

export function isTooLong(text: string): boolean {
  return text.length > MOST_CHARACTERS || [...text.matchAll(TERMS)].length > MOST_TERMS;
}

/** Undefined: nothing is looked for. */
export function parseSearch(text: string, options: SearchOptions): Filter | undefined {
  if (isTooLong(text)) return undefined;
  const { leftOut } = options;
  const conditions: Filter[] = [];
  let namesMailbox = false;
  for (const [, minus = '', operator = '', quoted, plain] of text.matchAll(TERMS)) {
    const value = (quoted ?? plain ?? '').trim();
    if (value === '' || value === '-') continue;
    const condition = conditionOf(operator.toLowerCase(), value, options) ?? {
      text: quoted === undefined ? termOf(operator, value) : `"${value}"`,
    };
    namesMailbox ||= condition.inMailbox !== undefined;
    conditions.push(minus === '' ? condition : { operator: 'NOT', conditions: [condition] });
  }
  if (conditions.length === 0) return undefined;
  if (!namesMailbox && leftOut.length > 0) conditions.push({ inMailboxOtherThan: leftOut });
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : { operator: 'AND', conditions };
}

function termOf(operator: string, value: string): string {
  return operator === '' ? value : `${operator}:${value}`;
}

/** Undefined: no operator of ours, or a value that makes no sense for it. */
function conditionOf(operator: string, value: string, { findMailbox, findLabel }: SearchOptions): FilterCondition | undefined {
  switch (operator) {
    case 'from':
    case 'to':
    case 'cc':
    case 'subject':
    case 'body':
      return { [operator]: value };
    case 'has':
      return value.toLowerCase() === 'attachment' ? { hasAttachment: true } : undefined;
    case 'is':
      return keywordCondition(value.toLowerCase());
    case 'before':
    case 'after': {
      const at = dayOf(value);
      return at === undefined ? undefined : { [operator]: at };
    }
    case 'larger':
    case 'smaller': {
      const bytes = bytesOf(value);
      if (bytes === undefined) return undefined;
      return operator === 'larger' ? { minSize: bytes } : { maxSize: bytes };
    }
    case 'in': {
      const id = findMailbox(value);
      return id === undefined ? undefined : { inMailbox: id };
    }
    case 'label': {
      const keyword = findLabel(value);
      return keyword === undefined ? undefined : { hasKeyword: keyword };
    }
    default:
      return undefined;
  }
}

function keywordCondition(value: string): FilterCondition | undefined {
  switch (value) {
    case 'unread':
      return { notKeyword: '$seen' };
    case 'read':
      return { hasKeyword: '$seen' };
    case 'flagged':
      return { hasKeyword: '$flagged' };
    case 'answered':
      return { hasKeyword: '$answered' };
    default:
      return undefined;
  }
}

/** Midnight where the person is, as a UTCDate (RFC 8620 1.4). */
function dayOf(value: string): string | undefined {
  const [, year, month, day] = DAY.exec(value) ?? [];
  if (year === undefined) return undefined;
  const at = new Date(Number(year), Number(month) - 1, Number(day));
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace(/\.\d+Z$/, 'Z');
}

function bytesOf(value: string): number | undefined {
  const [, number, unit = ''] = SIZE.exec(value) ?? [];
  if (number === undefined) return undefined;
  const factor = { k: 1024, m: 1024 ** 2 }[unit.charAt(0).toLowerCase()] ?? 1;
  return Math.round(Number(number) * factor);
}
