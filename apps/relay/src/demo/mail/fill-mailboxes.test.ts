import { createHash } from 'node:crypto';
import { digestOf } from '@stopgap/message';
import { freshFakeMailbox, type FakeStorage } from '@stopgap/testkit';
import { beforeAll, expect, test } from 'vitest';
import { ANNA, BEN } from '../practice-accounts.ts';
import { fillMailboxes } from './fill-mailboxes.ts';

const NOW_MS = Date.UTC(2026, 10, 26, 9);
const HALF_A_YEAR_MS = 210 * 86_400_000;

type Provider = ReadonlyMap<string, FakeStorage>;
let provider: Provider;

beforeAll(async () => {
  provider = await filled(NOW_MS);
});

async function filled(nowMs: number): Promise<Provider> {
  const made = new Map<string, FakeStorage>();
  for (const { address } of [ANNA, BEN])
    made.set(address, new Map(['INBOX', 'Drafts', 'Sent', 'Junk', 'Trash'].map((name) => [name, freshFakeMailbox(name)])));
  await fillMailboxes((address) => made.get(address) ?? new Map(), nowMs);
  return made;
}

function messagesOf(all: Provider, address: string) {
  return [...(all.get(address)?.values() ?? [])].flatMap(({ name, messages }) => messages.map((message) => ({ ...message, folder: name })));
}

function printOf(all: Provider): string {
  const hash = createHash('sha256');
  for (const address of all.keys())
    for (const { folder, raw, flags, receivedAtMs } of messagesOf(all, address))
      hash.update(`${folder} ${[...flags].join()} ${receivedAtMs}`).update(raw);
  return hash.digest('hex');
}

test('the same moment gives the same mail, octet by octet', async () => {
  expect(printOf(await filled(NOW_MS))).toBe(printOf(provider));
});

test('at another hour it is the same mail with other dates', async () => {
  const other = await filled(NOW_MS + 14.5 * 3_600_000);
  const who = (all: Provider) =>
    [...all.keys()].flatMap((address) =>
      messagesOf(all, address).map(({ raw }) => {
        const { envelope } = digestOf(raw);
        return `${/^message-id: (.*)/im.exec(raw.toString('latin1'))?.[1]} ${envelope.from[0]?.address}`;
      }),
    );
  expect(who(other).toSorted()).toEqual(who(provider).toSorted());
});

test.each([ANNA.address, BEN.address])('%s has some hundred messages of half a year, none of the future, in many folders', (address) => {
  const messages = messagesOf(provider, address);
  expect(messages.length).toBeGreaterThan(280);
  expect(messages.length).toBeLessThan(600);
  expect(messages.filter(({ receivedAtMs }) => receivedAtMs > NOW_MS || receivedAtMs < NOW_MS - HALF_A_YEAR_MS)).toEqual([]);
  expect(new Set(messages.map(({ folder }) => folder)).size).toBeGreaterThan(6);
  expect(new Set(messages.map(({ raw }) => /^message-id: (.*)/im.exec(raw.toString('latin1'))?.[1])).size).toBe(messages.length);
});

test.each([ANNA.address, BEN.address])('the mail of %s reads as mail does: threads, attachments, two languages', (address) => {
  const digests = messagesOf(provider, address).map(({ raw, receivedAtMs }) => ({
    ...digestOf(raw),
    receivedAtMs,
    raw: raw.toString('latin1'),
  }));
  for (const { envelope, receivedAtMs } of digests) {
    expect(envelope.from[0]?.address).toContain('.test');
    expect(envelope.subject).not.toMatch(/[{}]|undefined/);
    expect(Math.abs((envelope.sentAtMs ?? 0) - receivedAtMs)).toBeLessThan(1000);
  }
  expect(digests.filter(({ text }) => /[{}]|undefined/.test(text.toString()))).toEqual([]);
  const holding = (what: string) => digests.filter(({ raw }) => raw.includes(what)).length;
  expect(holding('Content-Type: application/pdf')).toBeGreaterThan(15);
  expect(holding('Content-Type: image/png')).toBeGreaterThan(3);
  expect(holding('Content-Type: text/calendar')).toBeGreaterThan(3);
  expect(holding('\r\nReferences: ')).toBeGreaterThan(60);
  expect(digests.filter(({ text }) => text.includes('Viele Grüße')).length).toBeGreaterThan(20);
  expect(digests.filter(({ text }) => text.includes('Kind regards')).length).toBeGreaterThan(20);
});

test('what answers names a message that is there', () => {
  for (const address of provider.keys()) {
    const all = messagesOf(provider, address).map(({ raw }) => raw.toString('latin1'));
    const ids = new Set(all.map((raw) => /^message-id: (\S+)/im.exec(raw)?.[1]));
    const answered = all.flatMap((raw) => /^in-reply-to:\s+(\S+)/im.exec(raw)?.[1] ?? []);
    expect(answered.filter((id) => !ids.has(id))).toEqual([]);
  }
});
