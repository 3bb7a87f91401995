/* The keys of SEARCH, SORT and THREAD (RFC 9051 6.4.4, RFC 3501 6.4.4, RFC 5032, RFC 7162 3.1.5, RFC 8474 5, RFC 8514 4). */
import { asId, flagFromImap, type Flag } from '@stopgap/core';
import type { SearchCriteria } from '../search-criteria.ts';
import type { UidRange } from '../session.ts';
import type { Tracker } from '../tracker.ts';
import { parseDate } from '../wire/date-time.ts';
import { SyntaxFault } from '../wire/faults.ts';
import type { Scanner } from '../wire/scanner.ts';
import { parseSequenceSet, resolveRanges } from '../wire/sequence-set.ts';
import type { TextReader } from './charset.ts';

/** Lists and ORs in each other. Each level is a call. */
const DEEPEST = 100;
const MOST_KEYS = 2000;
const DAY_MS = 86_400_000;

const ALL: SearchCriteria = { kind: 'all', of: [] };
const NONE: SearchCriteria = { kind: 'any', of: [] };

const FLAG_KEYS: ReadonlyMap<string, Flag> = new Map([
  ['ANSWERED', '$answered'],
  ['DELETED', '$deleted'],
  ['DRAFT', '$draft'],
  ['FLAGGED', '$flagged'],
  ['SEEN', '$seen'],
]);

type TextField = Extract<SearchCriteria, { kind: 'text' }>['field'];
const TEXT_KEYS: ReadonlyMap<string, TextField> = new Map([
  ['BCC', 'bcc'],
  ['BODY', 'body'],
  ['CC', 'cc'],
  ['FROM', 'from'],
  ['SUBJECT', 'subject'],
  ['TEXT', 'text'],
  ['TO', 'to'],
]);

type DateKind = 'received' | 'saved' | 'sent';
const DATE_KEYS: ReadonlyMap<string, readonly [DateKind, 'before' | 'on' | 'since']> = new Map([
  ['BEFORE', ['received', 'before']],
  ['ON', ['received', 'on']],
  ['SINCE', ['received', 'since']],
  ['SENTBEFORE', ['sent', 'before']],
  ['SENTON', ['sent', 'on']],
  ['SENTSINCE', ['sent', 'since']],
  ['SAVEDBEFORE', ['saved', 'before']],
  ['SAVEDON', ['saved', 'on']],
  ['SAVEDSINCE', ['saved', 'since']],
]);

export interface SearchKeys {
  readonly criteria: SearchCriteria;
  /** The answer tells the highest number of a change, too (RFC 7162 3.1.5). */
  readonly usesModSeq: boolean;
  /** Sequence numbers are among the keys, so none may change even under a UID command (RFC 7162 3.2.10.2). */
  readonly usesNumbers: boolean;
}

interface KeyContext {
  readonly tracker: Tracker;
  readonly nowMs: number;
  readonly readText: TextReader;
}

/** All keys up to the end of the command. */
export function readSearchKeys(args: Scanner, context: KeyContext): SearchKeys {
  return new KeyReader(args, context).all();
}

class KeyReader {
  readonly #args: Scanner;
  readonly #tracker: Tracker;
  readonly #nowMs: number;
  readonly #readText: TextReader;
  #count = 0;
  #usesModSeq = false;
  #usesNumbers = false;

  constructor(args: Scanner, { tracker, nowMs, readText }: KeyContext) {
    this.#args = args;
    this.#tracker = tracker;
    this.#nowMs = nowMs;
    this.#readText = readText;
  }

  all(): SearchKeys {
    const of = [this.#key(0)];
    while (!this.#args.isAtEnd) {
      this.#args.space();
      if (this.#args.isAtEnd) break;
      of.push(this.#key(0));
    }
    return { criteria: together('all', of), usesModSeq: this.#usesModSeq, usesNumbers: this.#usesNumbers };
  }

  #key(depth: number): SearchCriteria {
    const args = this.#args;
    this.#count += 1;
    if (depth > DEEPEST || this.#count > MOST_KEYS) throw new SyntaxFault('The search asks for too much');
    // A chain of NOTs is no nesting.
    let isNot = false;
    while (args.acceptWord('NOT')) {
      args.space();
      isNot = !isNot;
    }
    const key = this.#positive(depth);
    return isNot ? { kind: 'not', of: key } : key;
  }

  #positive(depth: number): SearchCriteria {
    const args = this.#args;
    const next = args.peek();
    if (next === '(')
      return together(
        'all',
        args.list(() => this.#key(depth + 1)),
      );
    if (/[\d*$]/.test(next)) return this.#numbers(args.sequenceSet());
    const name = args.word();
    if (name === 'OR') {
      args.space();
      const one = this.#key(depth + 1);
      args.space();
      return together('any', [one, this.#key(depth + 1)]);
    }
    return this.#flagKey(name) ?? this.#textKey(name) ?? this.#dateKey(name) ?? this.#otherKey(name);
  }

  /** Numbers that are not there match nothing: a search is no place to fail. */
  #numbers(text: string): SearchCriteria {
    const set = parseSequenceSet(text);
    const { numbers, saved } = this.#tracker;
    if (set === 'saved') return among(saved);
    this.#usesNumbers = true;
    return among(numbers.uidsOf(resolveRanges(set, numbers.size)));
  }

  #flagKey(name: string): SearchCriteria | undefined {
    const flag = FLAG_KEYS.get(name);
    if (flag !== undefined) return { kind: 'flag', flag };
    const unset = name.startsWith('UN') ? FLAG_KEYS.get(name.slice(2)) : undefined;
    if (unset !== undefined) return { kind: 'not', of: { kind: 'flag', flag: unset } };
    if (name !== 'KEYWORD' && name !== 'UNKEYWORD') return undefined;
    this.#args.space();
    const keyword = flagFromImap(this.#args.flag());
    const found: SearchCriteria = keyword === undefined ? NONE : { kind: 'flag', flag: keyword };
    return name === 'KEYWORD' ? found : { kind: 'not', of: found };
  }

  #textKey(name: string): SearchCriteria | undefined {
    const field = TEXT_KEYS.get(name);
    if (field !== undefined) return { kind: 'text', field, value: this.#text() };
    if (name !== 'HEADER') return undefined;
    const header = this.#text().toLowerCase();
    return { kind: 'header', name: header, value: this.#text() };
  }

  #text(): string {
    this.#args.space();
    const text = this.#readText(this.#args.astring());
    if (text === undefined) throw new SyntaxFault('The text is not what its charset says');
    return text;
  }

  #dateKey(name: string): SearchCriteria | undefined {
    const found = DATE_KEYS.get(name);
    if (found === undefined) return undefined;
    const [kind, when] = found;
    const dayMs = parseDate(this.#text());
    if (when === 'before') return { kind, untilMs: dayMs };
    return when === 'since' ? { kind, fromMs: dayMs } : { kind, fromMs: dayMs, untilMs: dayMs + DAY_MS };
  }

  #otherKey(name: string): SearchCriteria {
    switch (name) {
      // RFC 3501 6.4.4 OLD is "not RECENT"; nothing is ever recent here.
      case 'ALL':
      case 'OLD':
        return ALL;
      case 'NEW':
      case 'RECENT':
        return NONE;
      case 'UID':
        return this.#uids();
      case 'LARGER':
        return { kind: 'size', fromBytes: this.#number() + 1 };
      case 'SMALLER':
        return { kind: 'size', untilBytes: this.#number() };
      // RFC 5032 3, in seconds.
      case 'YOUNGER':
        return { kind: 'received', fromMs: this.#nowMs - this.#number() * 1000 };
      case 'OLDER':
        return { kind: 'received', untilMs: this.#nowMs - this.#number() * 1000 + 1 };
      case 'MODSEQ':
        return this.#modSeq();
      case 'EMAILID':
        return { kind: 'email-id', id: this.#text() };
      case 'THREADID':
        return { kind: 'thread-id', id: this.#text() };
      case 'SAVEDATESUPPORTED':
        return { kind: 'has-save-date' };
      default:
        throw new SyntaxFault('No such search key');
    }
  }

  #number(): number {
    this.#args.space();
    return this.#args.number();
  }

  #uids(): SearchCriteria {
    this.#args.space();
    return among(this.#tracker.rangesOf(parseSequenceSet(this.#args.sequenceSet()), true));
  }

  /** The name of a metadata entry and its type may stand before the number; for all of them the number is the message's. */
  #modSeq(): SearchCriteria {
    this.#usesModSeq = true;
    this.#args.space();
    if (this.#args.peek() === '"') {
      this.#args.string();
      this.#args.space();
      this.#args.word();
      this.#args.space();
    }
    return { kind: 'modseq', from: asId.modSeq(this.#args.number64()) };
  }
}

function among(ranges: readonly UidRange[]): SearchCriteria {
  return ranges.length === 0 ? NONE : { kind: 'uid', ranges };
}

/** Those of the same kind in it become one with it, so that a chain of ORs is no deep tree. */
function together(kind: 'all' | 'any', of: readonly SearchCriteria[]): SearchCriteria {
  const flat = of.flatMap((one) => (one.kind === kind && !(one.of.length === 0) ? one.of : [one]));
  const [only, ...more] = flat;
  return only !== undefined && more.length === 0 ? only : { kind, of: flat };
}
