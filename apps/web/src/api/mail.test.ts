import { expect, test } from 'vitest';
import type { Jmap } from './jmap.ts';
import { findMessage } from './mail.ts';
import type { Message } from './methods.ts';

const HELD = {
  id: 'e1',
  blobId: 'b1_7',
  keywords: {},
  mailboxIds: { m1: true },
  bodyValues: { 1: { value: 'Hello' } },
} as unknown as Message;

/** A relay with this message, or none; it gives what it is asked for and notes it. */
function relayWith(message: Partial<Message> | undefined) {
  const asked: (readonly string[])[] = [];
  const call = async (_: string, { properties }: { readonly properties: readonly string[] }) => {
    asked.push(properties);
    const given = Object.entries(message ?? {}).filter(([name]) => properties.includes(name));
    return { list: message === undefined ? [] : [Object.fromEntries(given)] };
  };
  return { asked, jmap: { accountId: 'a1', call } as unknown as Jmap };
}

test('of a message that is held only what changes is asked for', async () => {
  const { asked, jmap } = relayWith({ ...HELD, keywords: { $seen: true }, mailboxIds: { m2: true } });
  expect(await findMessage(jmap, 'e1', { held: HELD })).toEqual({ ...HELD, keywords: { $seen: true }, mailboxIds: { m2: true } });
  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toContain('bodyValues');
});

test('a text that has come to the relay since is asked for', async () => {
  const whole = { ...HELD, blobId: 'b1_8', bodyValues: { 1: { value: 'Hello, all of it' } } } as unknown as Message;
  const { asked, jmap } = relayWith(whole);
  expect(await findMessage(jmap, 'e1', { held: HELD })).toMatchObject({ blobId: 'b1_8', bodyValues: { 1: { value: 'Hello, all of it' } } });
  expect(asked).toHaveLength(2);
});

test('a message that is gone is gone, though it is held', async () => {
  expect(await findMessage(relayWith(undefined).jmap, 'e1', { held: HELD })).toBeUndefined();
});
