/*
 * One account's search index, `search/<first 32 digits of the SHA-256 of the account>.db`. It is derived: whatever happens to it, it is made again from the
 * messages. synchronous=NORMAL, so a power cut takes the last commits with their mark and nothing else.
 *
 * doc      one text: its number is 64 times the second in which its message was received, plus a place in that second, so that FTS5's own order is newest
 *          first and a page of the newest is read without looking at the rest
 * message  which message has which text; copies share it
 * words    the texts (met-words.ts) and the short beginnings of their words (beginnings.ts). Most words are of the body: in the first column, FTS5 need not say
 *          so at each of them
 * term     every word, and term_part the trigrams of those that have something inside
 * state    `through`: everything up to this change is here
 */
import Database from 'better-sqlite3';
import { asId, type MessageId, type ModSeq } from '@stopgap/core';
import type { IndexedMessage } from '../indexed-message.ts';
import type { FilterAnswer, IndexedContent, MatchAnswer, TextTree } from './index-messages.ts';
import { MetWords } from './met-words.ts';
import { INSIDE_CHARACTERS, MOST_PHRASES, textMatch, type Vocabulary } from './text-query.ts';
import { isSingle } from './words.ts';

const SCHEMA_VERSION = 2;
const PLACES_PER_SECOND = 64;
/** Until the year 6325; what is later (or before 1970) is put to the end (or the beginning). */
const LAST_SECOND = 2 ** 37;
/** A longer word is a number of somebody's system and nothing that people look into; */
const LONGEST_TERM = 40;
/** with digits in it, sooner so. */
const LONGEST_MIXED_TERM = 20;
const CACHE_KIB = 1024;
/** A file is somebody else's for a moment only when a worker ends and another one begins, or `erase` runs beside `serve`. */
const BUSY_MS = 5000;
/** As the store's. FTS5 fills each but for what a row costs. */
const PAGE_BYTES = 8192;
const LEAF_BYTES = 8000;
/** 16 MB: an fsync for some 500 large messages instead of for 100. */
const CHECKPOINT_PAGES = 2000;
/** What FTS5 gathers before it writes: a batch of a hundred messages, instead of a third of it. */
const HASH_BYTES = 4 * 1024 * 1024;

const SCHEMA = `
CREATE TABLE doc (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE message (id INTEGER PRIMARY KEY, doc_id INTEGER NOT NULL, content INTEGER NOT NULL) STRICT;
CREATE INDEX message_doc ON message (doc_id);
CREATE VIRTUAL TABLE words USING fts5 (body, subject, sender, recipients, cc, bcc, names, content='', contentless_delete=1,
  tokenize='ascii');
INSERT INTO words (words, rank) VALUES ('hashsize', ${HASH_BYTES});
INSERT INTO words (words, rank) VALUES ('automerge', 8);
INSERT INTO words (words, rank) VALUES ('pgsz', ${LEAF_BYTES});
CREATE TABLE term (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;
CREATE VIRTUAL TABLE term_part USING fts5 (word, content='', detail=none, columnsize=0, tokenize='trigram case_sensitive 1');
CREATE TABLE state (through INTEGER NOT NULL) STRICT;
INSERT INTO state VALUES (0);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface IndexFile {
  feed(batch: {
    readonly messages: readonly IndexedMessage[];
    readonly copies: readonly (readonly [MessageId, MessageId])[];
    readonly through?: ModSeq;
  }): boolean;
  through(): ModSeq;
  missing(messages: readonly IndexedContent[]): MessageId[];
  match(tree: TextTree, page: { readonly from?: number; readonly limit: number }): MatchAnswer;
  filter(tree: TextTree, ids: readonly MessageId[]): FilterAnswer;
  remove(ids: readonly MessageId[]): void;
  close(): void;
}

interface NewTerm {
  readonly id: number | bigint;
  readonly word: string;
}

/** It is made again. */
export class OtherIndexVersion extends Error {}

/** @throws OtherIndexVersion */
export function openIndexFile(file: string): IndexFile {
  const db = open(file);
  const sql = statementsOn(db);
  const met = new MetWords();
  const fullSeconds = new Map<number, number>();

  const addDoc = (message: IndexedMessage): number => {
    removeOne(message.id);
    const doc = freePlace(message.receivedAtMs);
    sql.addDoc.run(doc);
    sql.addMessage.run(message.id, doc, message.content);
    return doc;
  };
  /** Returns the words of it that may never have been met before. */
  const addWords = (doc: number, { text, subject, from, to, cc, bcc, names }: IndexedMessage): readonly string[] => {
    const { columns, unmet } = met.document([text, ...[subject, from, to, cc, bcc, names].map((one) => Buffer.from(one))]);
    sql.addWords.run(doc, ...columns);
    return unmet;
  };
  const newTerm = (word: string): readonly NewTerm[] => {
    const { changes, lastInsertRowid } = sql.addTerm.run(word);
    return changes > 0 && hasInside(word) ? [{ id: lastInsertRowid, word }] : [];
  };
  const freePlace = (receivedAtMs: number): number => {
    let second = Math.min(Math.max(0, Math.floor(receivedAtMs / 1000)), LAST_SECOND);
    for (;;) {
      second = fullSeconds.get(second) ?? second;
      const first = second * PLACES_PER_SECOND;
      const last = sql.lastDoc.get(first, first + PLACES_PER_SECOND - 1) ?? first - 1;
      if (last < first + PLACES_PER_SECOND - 1) return last + 1;
      // Thousands may have one date, after a move from another server: the rest goes behind, and is not tried from the beginning again.
      const next = second + 1;
      fullSeconds.set(Math.floor(receivedAtMs / 1000), next);
      second = next;
    }
  };
  const removeOne = (id: MessageId): void => {
    const doc = sql.docOf.get(id);
    if (doc === undefined) return;
    sql.removeMessage.run(id);
    if (sql.someMessageOf.get(doc) !== undefined) return;
    sql.removeWords.run(doc);
    sql.removeDoc.run(doc);
  };
  const feed = db.transaction((batch: Parameters<IndexFile['feed']>[0]) => {
    // FTS5 takes ascending numbers best, and writes out what it has gathered at each savepoint, which some statements on other tables begin: none between.
    const docs = batch.messages
      .toSorted((one, other) => one.receivedAtMs - other.receivedAtMs)
      .map((message) => ({ message, doc: addDoc(message) }));
    let isWhole = true;
    for (const [copy, original] of batch.copies) isWhole = sql.addCopy.run(copy, original).changes > 0 && isWhole;
    const unmet = docs.flatMap(({ doc, message }) => addWords(doc, message));
    for (const { id, word } of unmet.flatMap(newTerm)) sql.addTermParts.run(id, word);
    if (batch.through !== undefined && isWhole) sql.setThrough.run(batch.through);
    return isWhole;
  });
  const remove = db.transaction((ids: readonly MessageId[]) => {
    for (const id of ids) removeOne(id);
  });
  const vocabulary: Vocabulary = (part, where) => {
    const found = where === 'begin' ? sql.termsFrom.all(part, `${part}\u{10ffff}`, MOST_PHRASES + 1) : wordsAround(part, where);
    return { words: found.slice(0, MOST_PHRASES), isAll: found.length <= MOST_PHRASES };
  };
  const wordsAround = (part: string, where: 'inside' | 'end'): string[] => {
    const trigrams = [...new Set(trigramsOf(part))].map((one) => `"${one}"`).join(' AND ');
    return trigrams === '' ? [] : sql.terms.all(trigrams, where, part, charactersOf(part).length, part, MOST_PHRASES + 1);
  };

  return {
    feed: (batch) => {
      try {
        return feed.immediate(batch);
      } catch (error) {
        // Its words went with it.
        met.forget();
        throw error;
      }
    },
    through: () => asId.modSeq(sql.through.get() ?? 0),
    missing: (messages) => messages.filter(({ id, content }) => sql.contentOf.get(id) !== content).map(({ id }) => id),
    match(tree, { from, limit }) {
      const { expression, isAll } = textMatch(tree, vocabulary);
      if (expression === undefined) return { hits: [], isAll };
      const docs = sql.match.all(expression, from ?? Number.MAX_SAFE_INTEGER, limit);
      const hits = docs.flatMap((doc) => sql.messagesOf.all(doc).map((id) => ({ doc, id: asId.message(id) })));
      const last = docs.length < limit ? undefined : docs.at(-1);
      return { hits, isAll, ...(last === undefined ? {} : { next: last - 1 }) };
    },
    filter(tree, ids) {
      const { expression, isAll } = textMatch(tree, vocabulary);
      if (expression === undefined) return { ids: [], isAll };
      const docs = new Map(ids.map((id) => [id, sql.docOf.get(id)]));
      const numbers = [...docs.values()].filter((doc) => doc !== undefined);
      const range = numbers.reduce(
        ([low, high]: readonly [number, number], one) => [Math.min(low, one), Math.max(high, one)] as const,
        [Number.MAX_SAFE_INTEGER, -1],
      );
      const matching = new Set(sql.matchWithin.all(expression, ...range));
      return {
        ids: ids.filter((id) => {
          const doc = docs.get(id);
          return doc !== undefined && matching.has(doc);
        }),
        isAll,
      };
    },
    remove: (ids) => remove.immediate(ids),
    close: () => void db.close(),
  };
}

function open(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_MS });
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`cache_size = -${CACHE_KIB}`);
    makeSchema(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Under the write lock: a worker that is just ending may be making the same file. */
function makeSchema(db: Database.Database): void {
  const version = () => Number(db.pragma('user_version', { simple: true }));
  if (version() === SCHEMA_VERSION) return;
  db.transaction(() => {
    if (version() === 0) db.exec(SCHEMA);
    else if (version() !== SCHEMA_VERSION) throw new OtherIndexVersion();
  }).immediate();
}

function statementsOn(db: Database.Database) {
  const one = (sql: string) => db.prepare<unknown[], number>(sql).pluck();
  return {
    addDoc: db.prepare('INSERT INTO doc (id) VALUES (?)'),
    addWords: db.prepare('INSERT INTO words (rowid, body, subject, sender, recipients, cc, bcc, names) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    addCopy: db.prepare('INSERT OR REPLACE INTO message (id, doc_id, content) SELECT ?, doc_id, content FROM message WHERE id = ?'),
    addMessage: db.prepare('INSERT OR REPLACE INTO message (id, doc_id, content) VALUES (?, ?, ?)'),
    addTerm: db.prepare('INSERT OR IGNORE INTO term (word) VALUES (?)'),
    addTermParts: db.prepare('INSERT INTO term_part (rowid, word) VALUES (?, ?)'),
    lastDoc: one('SELECT id FROM doc WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1'),
    docOf: one('SELECT doc_id FROM message WHERE id = ?'),
    contentOf: one('SELECT content FROM message WHERE id = ?'),
    someMessageOf: one('SELECT id FROM message WHERE doc_id = ? LIMIT 1'),
    messagesOf: one('SELECT id FROM message WHERE doc_id = ? ORDER BY id DESC'),
    removeMessage: db.prepare('DELETE FROM message WHERE id = ?'),
    removeWords: db.prepare('DELETE FROM words WHERE rowid = ?'),
    removeDoc: db.prepare('DELETE FROM doc WHERE id = ?'),
    setThrough: db.prepare('UPDATE state SET through = ?'),
    through: one('SELECT through FROM state'),
    match: one('SELECT rowid FROM words WHERE words MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?'),
    // From the newest down, as pages are: FTS5 passes over everything that comes before in its order.
    matchWithin: one('SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC'),
    // What is in many texts was met early: the common words come first.
    termsFrom: db.prepare<unknown[], string>('SELECT word FROM term WHERE word >= ? AND word < ? ORDER BY id LIMIT ?').pluck(),
    // The trigrams say which words may hold it; the word itself says whether it does.
    terms: db
      .prepare<unknown[], string>(
        `SELECT term.word FROM term_part JOIN term ON term.id = term_part.rowid
         WHERE term_part MATCH ? AND CASE ? WHEN 'inside' THEN instr(term.word, ?) > 1 ELSE substr(term.word, -?) = ? END LIMIT ?`,
      )
      .pluck(),
  };
}

function hasInside(word: string): boolean {
  if (word.length <= INSIDE_CHARACTERS || word.length > LONGEST_TERM || isSingle(word)) return false;
  return word.length <= LONGEST_MIXED_TERM || !/\d/.test(word);
}

function trigramsOf(word: string): string[] {
  const characters = charactersOf(word);
  return characters.slice(2).map((_, index) => characters.slice(index, index + 3).join(''));
}

/** Code points: what SQLite counts. */
function charactersOf(word: string): string[] {
  return Array.from(word);
}
