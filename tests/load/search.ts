import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { MailboxId } from '@stopgap/core';
import type { Mailboxes, NewMessage, SearchQuery } from '@stopgap/mailbox';
import { fill, LOADED_ACCOUNT, openMail, untilIndexed } from './filled-mail.ts';
import { against, rate, type Bench } from './report.ts';

const MESSAGES = 100_000;
const TEXT_CHARACTERS = 10_000;
const PAGE = 50;
const ROUNDS = 5;
const GOAL_PAGE_MS = 100;
const START_MS = Date.UTC(2020, 0, 1);
const APART_MS = 25 * 60 * 1000;
/** Different words; each text has its share of rare ones. */
const VOCABULARY = 60_000;

/** What people look for, from what is in every message to what is in one. */
const text = (value: string, field: Extract<SearchQuery, { kind: 'text' }>['field'] = 'text'): SearchQuery => ({
  kind: 'text',
  field,
  value,
});
const QUERIES: readonly (readonly [string, SearchQuery])[] = [
  ['a word of every message', text('common')],
  ['a rare word', text('needle')],
  ['inside of words', text('eedl')],
  ['inside of a common word', text('ommo')],
  ['three letters', text('tra')],
  ['two words', text('needle in')],
  ['nothing', text('notthereatall')],
  ['a sender', text('sender77', 'from')],
  ['a common word, flagged', { kind: 'all', of: [text('common'), { kind: 'flag', flag: '$flagged' }] }],
  [
    'not a common word, flagged',
    {
      kind: 'all',
      of: [
        { kind: 'not', of: text('needle') },
        { kind: 'flag', flag: '$flagged' },
      ],
    },
  ],
  ['flagged', { kind: 'flag', flag: '$flagged' }],
];

/** The first page of a search in a large account, and what its index costs. */
export const search: Bench = async (options) => {
  const messages = options.messages ?? MESSAGES;
  await using open = await openMail();
  const { mail, dataDir } = open;
  const startMs = performance.now();
  const random = randomFrom(7);
  const words = Array.from({ length: VOCABULARY }, () => word(random));
  await fill(open, { messages }, (mailbox, n) => message(mailbox, n, words, random));
  const writtenMs = performance.now() - startMs;
  await untilIndexed(open);
  const indexedMs = performance.now() - startMs;
  options.say(`${messages} messages written in ${(writtenMs / 1000).toFixed(1)} s, indexed in ${(indexedMs / 1000).toFixed(1)} s`);
  const times = new Map<string, number>();
  for (const [name, query] of QUERIES) times.set(name, await timeOf(mail, query, options.say, name));
  const slowest = Math.max(...times.values());
  const indexMb = (await sizeOf(join(dataDir, 'search'))) / 1e6;
  return {
    line: `search ${messages}: ${against(`slowest first page ${slowest.toFixed(0)} ms`, `< ${GOAL_PAGE_MS}`, slowest < GOAL_PAGE_MS)}; indexed ${rate((messages / indexedMs) * 1000)}; index ${indexMb.toFixed(0)} MB`,
    figures: { slowest, indexedMs, indexMb, ...Object.fromEntries(times) },
  };
};

async function timeOf(mail: Mailboxes, query: SearchQuery, say: (text: string) => void, name: string): Promise<number> {
  const times: number[] = [];
  let found = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    const { ids, isComplete } = await mail.search(LOADED_ACCOUNT, query, { limit: PAGE });
    times.push(performance.now() - startMs);
    found = `${ids.length} found${isComplete ? '' : ', not all'}`;
  }
  const median = times.toSorted((one, other) => one - other)[ROUNDS >> 1] ?? 0;
  say(`${name}: ${median.toFixed(1)} ms (first ${(times[0] ?? 0).toFixed(1)} ms), ${found}`);
  return median;
}

function message(mailbox: MailboxId, n: number, words: readonly string[], random: () => number): NewMessage {
  const from = [{ name: `Sender ${n % 500}`, address: `sender${n % 500}@elsewhere.test` }];
  const body = [`common ${n} ${random().toString(36).slice(2)}`, n % 1000 === 7 ? 'a needle in the hay' : 'hay'];
  // Some words are everywhere and most are rare, as in any language.
  for (let length = 0; length < TEXT_CHARACTERS;) {
    const next = words[Math.floor(words.length * random() ** 4)] ?? '';
    body.push(next);
    length += next.length + 1;
  }
  const receivedAtMs = START_MS + n * APART_MS;
  return {
    mailbox,
    digest: {
      sizeBytes: TEXT_CHARACTERS,
      missingLineEndBytes: 0,
      envelope: {
        sentAtMs: receivedAtMs,
        subject: `Message ${n}`,
        from,
        sender: from,
        replyTo: from,
        to: [{ name: '', address: LOADED_ACCOUNT }],
        cc: [],
        bcc: [],
        messageId: `<${n}@load.test>`,
        inReplyTo: [],
        references: [],
      },
      structure: {
        type: 'text',
        subtype: 'plain',
        parameters: {},
        encoding: '7bit',
        headerStart: 0,
        bodyStart: 0,
        sizeBytes: TEXT_CHARACTERS,
        lines: 100,
      },
      preview: '',
      attachments: [],
      text: Buffer.from(body.join(' ')),
      isPartial: false,
    },
    completeness: 'headers',
    receivedAtMs,
    flags: n % 200 === 0 ? ['$flagged'] : ['$seen'],
    by: 'upstream',
  };
}

function word(random: () => number): string {
  const syllables = ['ka', 'tor', 'min', 'ela', 'stra', 'ber', 'gen', 'um', 'ri', 'os', 'ent', 'hau', 'di', 'pol', 'ze', 'wan'];
  return Array.from({ length: 2 + Math.floor(random() * 4) }, () => syllables[Math.floor(random() * syllables.length)] ?? '').join('');
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
