import { expect, test } from 'vitest';
import { CALM, mailboxAt, sorted, watch, type Bench } from './bench.ts';
import { HARD_MESSAGES, messageIdOf, smallMessage } from './hard-messages.ts';

export function testFinds(bench: () => Bench): void {
  const find = async (path: readonly string[], messageId: string): Promise<readonly string[]> => {
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    return (await session.find?.(id, messageId, CALM)) ?? [];
  };

  test('a message is found by its Message-ID, each of two by the same one', async () => {
    const path = await bench().emptyMailbox();
    for (const bytes of [smallMessage('other'), HARD_MESSAGES.plain, HARD_MESSAGES['same-message-id']]) {
      await bench().world.store.append(path, { bytes });
    }
    const { appeared } = await (await watch(bench(), path)).look();
    const ids = appeared.map((message) => message.id);
    expect(await find(path, messageIdOf('other'))).toEqual([ids[2]]);
    expect(sorted(await find(path, messageIdOf('plain')))).toEqual(sorted([ids[0], ids[1]]));
  });

  test('what is not there is not found, nor what is only a part of a name', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('whole-name') });
    expect(await find(path, messageIdOf('name'))).toEqual([]);
    expect(await find(path, '<>')).toEqual([]);
    expect(await find(path, '')).toEqual([]);
  });

  test('a Message-ID with odd characters is found', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: HARD_MESSAGES['odd-message-id'] });
    await bench().world.store.append(path, { bytes: smallMessage('other') });
    expect(await find(path, '<a "b\\c"(d)%*{3}@[far]>')).toHaveLength(1);
  });

  test.for(['<x\r\na9 DELETE INBOX\r\n@far.test>', '<\0@far.test>', '<ö@far.test>', `<${'x'.repeat(3000)}@far.test>`])(
    'a Message-ID that is none finds nothing and does nothing (%#)',
    async (messageId) => {
      const path = await bench().emptyMailbox();
      await bench().world.store.append(path, { bytes: smallMessage('other') });
      expect(await find(path, messageId)).toEqual([]);
      expect(await bench().world.store.messages(path)).toHaveLength(1);
    },
  );

  test('a message that came after the session began is found', async () => {
    const path = await bench().emptyMailbox();
    const watching = await watch(bench(), path);
    await watching.look();
    await bench().world.store.append(path, { bytes: smallMessage('late') });
    expect(await watching.session().find?.(watching.mailbox(), messageIdOf('late'), CALM)).toHaveLength(1);
  });
}
