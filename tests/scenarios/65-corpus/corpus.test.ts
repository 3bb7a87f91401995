/* Every message of the corpus, mirrored by each kind of path alone, is here as the provider has it, octet for octet. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { mirrored, provided, startMirrorScene, type MirrorSceneOptions } from '../../relay/index.ts';

const CORPUS = resolve(import.meta.dirname, '../../corpus');
const LIMIT_MS = 60_000;

interface Case extends MirrorSceneOptions {
  /** What this store refuses, and nothing else. */
  readonly refused: readonly string[];
  /** The store is looked at by IMAP, which has no NUL: Dovecot shows another octet there. POP3 gives what is stored. */
  readonly unseen?: string;
}

const DOVECOT = ['empty.eml'];
/** No line feed alone, no NUL, no line without a colon where a field should be. */
const CYRUS = ['bare-lf.eml', 'empty.eml', 'mixed-line-ends.eml', 'no-separator.eml', 'nul.eml', 'obsolete-forms.eml'];

const CASES: readonly Case[] = [
  { incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot'] }, refused: DOVECOT },
  { incoming: ['roundcube'], lab: { users: ['alice'], parts: ['dovecot', 'roundcube'] }, refused: DOVECOT },
  { incoming: ['pop3'], lab: { users: ['alice'], parts: ['dovecot'] }, refused: DOVECOT, unseen: 'nul.eml' },
  { incoming: ['jmap'], lab: { users: ['alice'], parts: ['dovecot', 'sink', 'postfix', 'cyrus'] }, refused: CYRUS },
];

test.each(CASES)('by $incoming', async ({ refused, unseen, ...options }) => {
  await using scene = await startMirrorScene(options);
  const door = await scene.door('alice');
  const notTaken: string[] = [];
  for (const name of readdirSync(CORPUS)) {
    if (name === unseen) continue;
    const bytes = readFileSync(join(CORPUS, name));
    await door.append(['INBOX'], { bytes }).catch(() => notTaken.push(name));
  }
  expect(notTaken.toSorted()).toEqual(refused);
  const there = (await provided(door)).map(({ hash }) => hash).toSorted();
  await scene.add('alice');
  const here = await until(
    'all of it is here',
    async () => {
      const copies = await mirrored(scene.relay, scene.lab.address('alice'));
      return copies.length >= there.length ? copies : undefined;
    },
    LIMIT_MS,
  );
  expect(here.map(({ hash }) => hash).toSorted()).toEqual(there);
  expect(new Set(here.map(({ completeness }) => completeness))).toEqual(new Set(['raw']));
});
