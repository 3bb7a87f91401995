/*
 * Whole messages through the webmail, as the mirror gets them: a first listing and everything in it, with the plugin zipdownload and without. Every message
 * is compared with what was put there.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingSession } from '@stopgap/core';
import { openBackDoor, startLab, type Lab } from '../lab/index.ts';
import { openSession } from '../scenarios/52-incoming-roundcube/world.ts';
import { against, rate, type BenchOptions, type Report } from './report.ts';

const MESSAGES = 2000;
const SIZE_BYTES = 10_000;
const WITH_ZIP = 200;
const WITHOUT_ZIP = 40;
/** Polls of a mailbox in which nothing happens. */
const POLLS = 10;

export async function roundcubeFetch({ messages = MESSAGES, say }: BenchOptions): Promise<Report> {
  const zip = await measure(['archive', 'zipdownload'], messages);
  say(`with zipdownload: ${rate(zip.perSecond)}, listing ${zip.listMs} ms, a poll ${zip.pollMs} ms`);
  const plain = await measure(['archive'], messages);
  say(`without: ${rate(plain.perSecond)}, listing ${plain.listMs} ms, a poll ${plain.pollMs} ms`);
  const parts = [
    against(`with zipdownload ${rate(zip.perSecond)}`, `>= ${rate(WITH_ZIP)}`, zip.perSecond >= WITH_ZIP),
    against(`without ${rate(plain.perSecond)}`, `>= ${rate(WITHOUT_ZIP)}`, plain.perSecond >= WITHOUT_ZIP),
  ];
  return {
    line: `roundcube: ${messages} messages of ${SIZE_BYTES} bytes, byte for byte: ${parts.join('; ')}; poll ${zip.pollMs} ms`,
    figures: { withZip: zip.perSecond, withoutZip: plain.perSecond, listMs: zip.listMs, pollMs: zip.pollMs },
  };
}

interface Measured {
  readonly perSecond: number;
  readonly listMs: number;
  readonly pollMs: number;
}

async function measure(plugins: readonly string[], messages: number): Promise<Measured> {
  await using lab = await startLab({ parts: ['dovecot', 'roundcube'], users: ['alice'], roundcube: { plugins } });
  const expected = await fill(lab, messages);
  const session = await openSession(`http://127.0.0.1:${lab.ports.roundcube}/`, lab);
  try {
    return await fetchAll(session, expected);
  } finally {
    await session.close();
  }
}

async function fetchAll(session: IncomingSession, expected: ReadonlySet<string>): Promise<Measured> {
  const { signal } = new AbortController();
  const inbox = (await session.list(signal)).find((mailbox) => mailbox.role === 'inbox');
  if (inbox === undefined) throw new Error('there is no inbox');
  const listing = async () => {
    const found = await session.changes(inbox.id, { known: new Set() }, signal);
    if (found.kind !== 'full' || found.messages.length !== expected.size) throw new Error('the listing is not whole');
    return found.messages.map((message) => message.id);
  };
  const listedAtMs = performance.now();
  const ids = await listing();
  const startedAtMs = performance.now();
  const missing = new Set(expected);
  for await (const message of session.fetch(inbox.id, ids, signal)) {
    const hash = createHash('sha256');
    for await (const chunk of message.bytes) hash.update(chunk);
    if (!missing.delete(hash.digest('hex'))) throw new Error(`message ${message.id} came changed or twice`);
  }
  const endedAtMs = performance.now();
  if (missing.size > 0) throw new Error(`${missing.size} messages did not come`);
  for (let poll = 0; poll < POLLS; poll++) await listing();
  return {
    perSecond: expected.size / ((endedAtMs - startedAtMs) / 1000),
    listMs: Math.round(startedAtMs - listedAtMs),
    pollMs: Math.round((performance.now() - endedAtMs) / POLLS),
  };
}

/** Bodies that do not compress much better than mail with attachments does. */
async function fill(lab: Lab, messages: number): Promise<ReadonlySet<string>> {
  const store = await openBackDoor({ port: lab.ports.imap, user: lab.address('alice'), password: lab.password('alice') });
  const hashes = new Set<string>();
  for (let number = 0; number < messages; number++) {
    const head = `From: Load <alice@provider.test>\r\nSubject: load ${number}\r\nMessage-ID: <${number}@load.test>\r\n\r\n`;
    const body = randomBytes((SIZE_BYTES * 3) / 4)
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n')
      .slice(0, SIZE_BYTES - head.length - 2);
    const bytes = Buffer.from(`${head}${body.replace(/\r$/, '=')}\r\n`);
    hashes.add(createHash('sha256').update(bytes).digest('hex'));
    await store.append(['INBOX'], { bytes });
  }
  await store.close();
  return hashes;
}
