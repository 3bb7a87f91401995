import type { MailboxId, MessageId } from '@stopgap/core';
import { addMessage, type MailTx } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, listMailboxMessages } from '@stopgap/store';
import { ALICE, type Bench } from './test-bench.ts';

/** As a door would do it. */
export async function act(bench: Bench, job: (mail: MailTx) => unknown): Promise<void> {
  await bench.mailboxes.write(ALICE, job);
}

export function mailbox(bench: Bench, name: string): MailboxId {
  const found = bench.store.read((reader) => findMailboxByName(reader, ALICE, name));
  if (!found) throw new Error(`no ${name} here`);
  return found.id;
}

function messages(bench: Bench, name: string): readonly MessageId[] {
  return bench.store.read((reader) => listMailboxMessages(reader, mailbox(bench, name), { afterUid: 0, limit: 1000 })).map(({ id }) => id);
}

export function message(bench: Bench, name: string, at = 0): MessageId {
  const found = messages(bench, name).at(at);
  if (found === undefined) throw new Error(`no message ${at} in ${name}`);
  return found;
}

export async function append(bench: Bench, name: string, bytes: Buffer): Promise<void> {
  const writer = bench.store.blobs.stage();
  await writer.write(bytes);
  const blob = await writer.finish();
  await act(bench, (mail) =>
    addMessage(mail, {
      mailbox: mailbox(bench, name),
      blob,
      digest: digestOf(bytes),
      completeness: 'raw',
      receivedAtMs: bench.clock.nowMs(),
      flags: ['$seen'],
      by: 'here',
    }),
  );
}
