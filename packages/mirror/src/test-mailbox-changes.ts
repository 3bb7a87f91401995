import type { Clock } from '@stopgap/core';
import { createMailbox, deleteMailbox, renameMailbox, type Mailboxes } from '@stopgap/mailbox';
import { findMailboxByName, listMailboxes, listRemoteMailboxes, updateRemoteMailbox, type MailboxRow, type Store } from '@stopgap/store';
import type { MemoryAccount } from '@stopgap/testkit';
import type { Brake } from './brake.ts';
import { parsedBrake } from './brake-text.ts';
import { ALICE, hashOf, mailHere } from './test-bench.ts';

/** By name. */
export type MailboxChange =
  | { readonly kind: 'create' | 'delete'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string };

/**
 * Where it can be done: a new name must be free, and what has a role, or is renamed and has others below it, is left alone. What is deleted goes with all that
 * are below it. Returns the contents that went along.
 */
export function changeThere(there: MemoryAccount, change: MailboxChange): readonly string[] {
  const mailbox = there.find(change.name);
  const names = there.mailboxes.map((one) => one.path.join('/'));
  if (change.kind === 'create') {
    if (!mailbox) there.createMailbox(change.name);
    return [];
  }
  if (!mailbox || mailbox.role !== undefined) return [];
  if (change.kind === 'rename') {
    if (!hasBelow(names, change.name) && mayTake(names, change)) there.renameMailbox(change.name, change.to);
    return [];
  }
  const all = there.mailboxes.filter((one) => one === mailbox || hasBelow([one.path.join('/')], change.name));
  if (all.some((one) => one.role !== undefined)) return [];
  for (const one of all) there.deleteMailbox(one.path.join('/'));
  return all.flatMap(({ messages }) => messages.map(({ bytes }) => hashOf(bytes)));
}

/** As `changeThere`, on this side, where what has others below it is not deleted. */
export async function changeHere(store: Store, mailboxes: Mailboxes, change: MailboxChange): Promise<readonly string[]> {
  const found = store.read((reader): MailboxRow | undefined => findMailboxByName(reader, ALICE, change.name));
  const names = store.read((reader) => listMailboxes(reader, ALICE)).map(({ name }) => name);
  if (change.kind === 'create') {
    if (!found) await mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: change.name, isSubscribed: true, by: 'here' }));
    return [];
  }
  if (!found || found.role !== undefined || hasBelow(names, change.name)) return [];
  if (change.kind === 'rename') {
    if (mayTake(names, change)) await mailboxes.write(ALICE, (mail) => renameMailbox(mail, found.id, { name: change.to, by: 'here' }));
    return [];
  }
  const gone = (mailHere(store)[change.name] ?? []).map(({ hash }) => hash);
  await mailboxes.write(ALICE, (mail) => deleteMailbox(mail, found.id, 'here'));
  return gone;
}

/** Says of every deletion that is held: it was meant; or: the provider is to have it again. */
export async function releaseHeld(store: Store, clock: Clock, state: 'released' | 'given-back' = 'released'): Promise<void> {
  await store.write((tx) => {
    for (const row of listRemoteMailboxes(tx, ALICE)) {
      const held = parsedBrake(row.brake);
      const decided: Brake | undefined = held && { ...held, state, sinceMs: clock.nowMs() };
      if (decided) updateRemoteMailbox(tx, { ...row, brake: JSON.stringify(decided) });
    }
  });
}

function hasBelow(names: readonly string[], name: string): boolean {
  return names.some((one) => one.startsWith(`${name}/`));
}

function mayTake(names: readonly string[], { name, to }: { readonly name: string; readonly to: string }): boolean {
  return !names.includes(to) && !to.startsWith(`${name}/`);
}
