import { expect, test } from 'vitest';
import type { Jmap } from '../api/jmap.ts';
import { removeForGood } from './remove-for-good.ts';

/** A relay with these messages, by their folders. */
function relayWith(folders: Readonly<Record<string, readonly string[]>>) {
  const there = new Map(Object.entries(folders).map(([id, messages]) => [id, new Set(messages)]));
  const refusalOf = (id: string, removesEmails: boolean): string | undefined =>
    !there.has(id) ? 'notFound' : (there.get(id)?.size ?? 0) > 0 && !removesEmails ? 'mailboxHasEmail' : undefined;
  const answers: Readonly<Record<string, (args: never) => unknown>> = {
    'Email/query': ({ filter, position }: { filter: { inMailbox: string }; position: number }) => ({
      ids: [...(there.get(filter.inMailbox) ?? [])].slice(position),
    }),
    'Email/set'({ destroy }: { destroy: string[] }) {
      for (const messages of there.values()) for (const id of destroy) messages.delete(id);
      return {};
    },
    'Mailbox/set'({ destroy, onDestroyRemoveEmails = false }: { destroy: string[]; onDestroyRemoveEmails?: boolean }) {
      const refused = destroy.flatMap((id) => {
        const type = refusalOf(id, onDestroyRemoveEmails);
        if (type === undefined) there.delete(id);
        return type === undefined ? [] : [[id, { type }]];
      });
      return { notDestroyed: Object.fromEntries(refused) };
    },
  };
  const jmap = { call: async (name: string, args: never) => answers[name]?.(args) } as unknown as Jmap;
  return { jmap, there, left: () => Object.fromEntries([...there].map(([id, messages]) => [id, [...messages]])) };
}

const untilCarried = async (): Promise<void> => undefined;

test('a folder goes with what was in it and below it, and the number of it is asked about', async () => {
  const { jmap, left } = relayWith({ below: ['a'], above: ['b', 'c'], other: ['d'] });
  const counts: number[] = [];
  const isMeant = async (count: number): Promise<boolean> => counts.push(count) > 0;
  expect(await removeForGood(['below', 'above'], { jmap, untilCarried, isMeant })).toBe('removed');
  expect([counts, left()]).toEqual([[3], { other: ['d'] }]);
});

test('what comes in while it is asked about stays with its folder, and what was brought to safety stays where it is', async () => {
  const { jmap, there, left } = relayWith({ folder: ['a', 'b'], other: [] });
  const isMeant = async (): Promise<boolean> => {
    there.get('folder')?.add('late').delete('b');
    there.get('other')?.add('b');
    return true;
  };
  expect(await removeForGood(['folder'], { jmap, untilCarried, isMeant })).toBe('stays');
  expect(left()).toEqual({ folder: ['late'], other: ['b'] });
});

test('a folder that is gone by then is gone', async () => {
  const { jmap } = relayWith({});
  expect(await removeForGood(['folder'], { jmap, untilCarried, isMeant: async () => true })).toBe('removed');
});

test('nothing goes without a yes', async () => {
  const { jmap, left } = relayWith({ folder: ['a'] });
  expect(await removeForGood(['folder'], { jmap, untilCarried, isMeant: async () => false })).toBe('unwanted');
  expect(left()).toEqual({ folder: ['a'] });
});
