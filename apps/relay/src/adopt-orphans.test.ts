import { asId, pathIdOf, type AccountId, type Clock, type Path, type Provider, type SubmissionId } from '@stopgap/core';
import { createPut } from '@stopgap/outbox';
import { attemptsOf, dueSubmissions, findAccount, insertAttempt, leaseRecipient, putAccount, recipientsOf } from '@stopgap/store';
import { FakeClock, tempStore, type TempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { adoptOrphans } from './adopt-orphans.ts';

const OLD = asId.provider('old');
const NEW = asId.provider('new');
const ANNA = asId.account('anna@provider.test');
const CARL = asId.account('carl@gone.test');
const WEBMAIL: Path = {
  id: pathIdOf(NEW, 'outgoing', 'roundcube', 'https://mail.test/'),
  provider: NEW,
  direction: 'outgoing',
  kind: 'roundcube',
  url: 'https://mail.test/',
  connections: 4,
};
const providers: readonly Provider[] = [
  {
    name: NEW,
    domains: ['Provider.test'],
    login: 'address',
    incoming: [],
    outgoing: [WEBMAIL],
    probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
  },
];

async function putFor(account: AccountId, { store, dataDir }: TempStore, clock: Clock): Promise<SubmissionId> {
  const put = createPut({ store, dataDir, clock, onPut: () => undefined });
  await store.write((tx) => putAccount(tx, { id: account, address: account, provider: OLD, name: '', state: 'active', createdAtMs: 0 }));
  const writer = store.blobs.stage();
  await writer.write(Buffer.from('Subject: x\r\n\r\n'));
  const { id } = await put({
    account,
    provider: OLD,
    envelope: { from: account, recipients: [{ address: 'bob@far.test' }], smtpUtf8: false, eightBitMime: false },
    messageId: '<m@x>',
    blob: await writer.finish(),
    clientHash: account,
    generatedMessageId: false,
    helo: 'x',
    protocol: 'ESMTPSA',
  });
  return id;
}

test('accounts and waiting mail of a provider that was renamed go with their domain; what finds no home is told of', async () => {
  const clock = new FakeClock();
  await using temp = await tempStore({ clock });
  const { store } = temp;
  for (const account of [ANNA, CARL]) await putFor(account, temp, clock);
  const told: unknown[] = [];
  const due = (name: typeof OLD) => store.read((reader) => dueSubmissions(reader, name, clock.nowMs(), 10)).length;
  await adoptOrphans(store, providers, { warn: (_, fields) => void told.push(fields) });
  expect(told).toEqual([{ accounts: 1 }]);
  expect([due(OLD), due(NEW)]).toEqual([1, 1]);
  expect(store.read((reader) => [ANNA, CARL].map((id) => findAccount(reader, id)?.provider))).toEqual([NEW, OLD]);
});

test('what was tried goes by the name that its path has now, so that the path is asked how it ended; a path that is gone keeps its name', async () => {
  const clock = new FakeClock();
  await using temp = await tempStore({ clock });
  const { store } = temp;
  const id = await putFor(ANNA, temp, clock);
  const before = pathIdOf(OLD, 'outgoing', 'roundcube', 'https://mail.test/');
  const gone = pathIdOf(OLD, 'outgoing', 'smtp', 'smtp.test:587');
  await store.write((tx) => {
    insertAttempt(tx, { submission: id, route: gone, startedAtMs: 0 });
    const attempt = insertAttempt(tx, { submission: id, route: before, startedAtMs: 1 });
    for (const recipient of recipientsOf(tx, id)) leaseRecipient(tx, recipient.id, { attempt, route: before, untilMs: 9 });
  });
  await adoptOrphans(store, providers, { warn: () => undefined });
  expect(store.read((reader) => attemptsOf(reader, id, 9)).map(({ route }) => route)).toEqual([WEBMAIL.id, gone]);
  expect(store.read((reader) => recipientsOf(reader, id)).map(({ route }) => route)).toEqual([WEBMAIL.id]);
});
