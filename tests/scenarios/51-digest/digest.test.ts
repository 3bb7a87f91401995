import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@stopgap/message';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawImap, readImapValue, startLab, type ImapValue, type Lab } from '../../lab/index.ts';
import { bodyStructureOf, envelopeOf } from './imap-print.ts';
import { KNOWN } from './known-differences.ts';

const CORPUS = join(import.meta.dirname, '../../corpus');
const files = readdirSync(CORPUS)
  .filter((name) => name.endsWith('.eml'))
  // "NO Can't save a zero byte message"
  .filter((name) => name !== 'empty.eml');

let lab: Lab;
let imap: RawImap;
beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot'], users: ['alice'] });
  imap = new RawImap(lab.ports.imap);
  await imap.command(`LOGIN ${lab.address('alice')} ${lab.password('alice')}`);
});
afterAll(async () => {
  await imap[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

async function asDovecotSays(bytes: Buffer) {
  await imap.command('APPEND INBOX', bytes);
  await imap.command('SELECT INBOX');
  const answer = await imap.command('FETCH * (ENVELOPE BODYSTRUCTURE)');
  await imap.command('UNSELECT');
  const list = readImapValue(answer.slice(answer.indexOf('('))) as readonly ImapValue[];
  return { envelope: list[1] ?? null, structure: list[3] ?? null };
}

/** Every place where two answers differ: `[0][2] "a" <> "b"`. */
function differences(theirs: ImapValue, ours: ImapValue, place = ''): string[] {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    return Array.from({ length: Math.max(theirs.length, ours.length) }, (_, n) =>
      differences((theirs as ImapValue[])[n] ?? null, (ours as ImapValue[])[n] ?? null, `${place}[${n}]`),
    ).flat();
  }
  const isSame = JSON.stringify(normal(theirs)) === JSON.stringify(normal(ours));
  return isSame ? [] : [`${place} ${JSON.stringify(theirs)} <> ${JSON.stringify(ours)}`];
}

function normal(value: ImapValue): ImapValue {
  return value === '' ? null : value;
}

test.each(files)('%s', async (file) => {
  const bytes = readFileSync(join(CORPUS, file));
  const theirs = await asDovecotSays(bytes);
  const digest = digestOf(bytes);
  const found = [
    ...differences(theirs.envelope, envelopeOf(digest.envelope), 'envelope'),
    ...differences(theirs.structure, bodyStructureOf(digest.structure), 'structure'),
  ];
  const places = Object.keys(KNOWN[file] ?? {});
  expect(found.filter((difference) => !places.some((place) => difference.startsWith(place)))).toEqual([]);
  expect(places.filter((place) => !found.some((difference) => difference.startsWith(place)))).toEqual([]);
});
