import { asId, type Provider } from '@stopgap/core';
import { createPut } from '@stopgap/outbox';
import { dueSubmissions, findAccount, putAccount } from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { adoptOrphans } from './adopt-orphans.ts';

const OLD = asId.provider('old');
const NEW = asId.provider('new');
const ANNA = asId.account('anna@provider.test');
const CARL = asId.account('carl@gone.test');
const providers: readonly Provider[] = [
  {
    name: NEW,
    domains: ['Provider.test'],
    login: 'address',
    incoming: [],
    outgoing: [],
    probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
  },
];

test('accounts and waiting mail of a provider that was renamed go with their domain; what finds no home is told of', async () => {
  const clock = new FakeClock();
  await using temp = await tempStore({ clock });
  const { store } = temp;
  const put = createPut({ store, dataDir: temp.dataDir, clock, onPut: () => undefined });
  for (const account of [ANNA, CARL]) {
    await store.write((tx) => putAccount(tx, { id: account, address: account, provider: OLD, name: '', state: 'active', createdAtMs: 0 }));
    const writer = store.blobs.stage();
    await writer.write(Buffer.from('Subject: x\r\n\r\n'));
    await put({
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
  }
  const told: unknown[] = [];
  const due = (name: typeof OLD) => store.read((reader) => dueSubmissions(reader, name, clock.nowMs(), 10)).length;
  await adoptOrphans(store, providers, { warn: (_, fields) => void told.push(fields) });
  expect(told).toEqual([{ accounts: 1 }]);
  expect([due(OLD), due(NEW)]).toEqual([1, 1]);
  expect(store.read((reader) => [ANNA, CARL].map((id) => findAccount(reader, id)?.provider))).toEqual([NEW, OLD]);
});
