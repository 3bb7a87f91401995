import type { MailboxId, MessageId } from '@stopgap/core';
import {
  changeFlags,
  createMailbox,
  deleteMailbox,
  expungeMessages,
  moveMessages,
  renameMailbox,
  restoreMessage,
  type MailTx,
} from '@stopgap/mailbox';
import { findMessage, listKept } from '@stopgap/store';
import { ALICE, type Bench } from '../test-bench.ts';

/** mulberry32: the same each time. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function restoreLast(mail: MailTx): void {
  const [last] = listKept(mail.tx, mail.account, { limit: 1 });
  if (last) restoreMessage(mail, last.message, { by: 'upstream' });
}

/** Of what people and providers do to mail, the same for the same numbers. */
export async function changeSomething(bench: Bench, random: (below: number) => number): Promise<void> {
  const messages = bench.store.read((reader) => reader.all<{ id: MessageId }>('SELECT id FROM message ORDER BY id')).map(({ id }) => id);
  const boxes = bench.store.read((reader) => reader.all<{ id: MailboxId; name: string }>('SELECT id, name FROM mailbox ORDER BY id'));
  const oneOf = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  const some = messages.filter(() => random(3) === 0);
  const box = oneOf(boxes) ?? { id: await bench.mailbox('INBOX'), name: 'INBOX' };
  const write = (job: Parameters<typeof bench.mailboxes.write>[1]) => bench.mailboxes.write(ALICE, job);
  const deliver = async (): Promise<void> => {
    const number = random(1_000_000);
    // Answers join threads; what answers two of them joins one.
    const references = Array.from({ length: random(3) }, () => `<r${random(8)}@x.test>`).join(' ');
    const field = references === '' ? '' : `References: ${references}\n`;
    const raw = `From: x@y.test\nMessage-ID: <${random(2) === 0 ? `r${random(8)}` : `n${number}`}@x.test>\n${field}Subject: ${number}\n\nx\n`;
    await bench.deliver(box.id, raw);
  };
  switch (random(8)) {
    case 0:
    case 1:
    case 2:
      return await deliver();
    case 3:
      return void (await write((mail) => changeFlags(mail, some, { add: ['$seen'], remove: ['$flagged'] }, 'upstream')));
    case 4:
      return void (await write((mail) => moveMessages(mail, some, box.id, 'upstream')));
    case 5:
      if (random(3) > 0) return void (await write((mail) => expungeMessages(mail, some.slice(0, 2), 'upstream')));
      return void (await write((mail) => restoreLast(mail)));
    case 6:
      return void (await write((mail) => {
        const marked = some.filter((id) => findMessage(mail.tx, id)?.flags.includes('$deleted'));
        if (marked.length > 0 && random(2) === 0) changeFlags(mail, marked, { add: [], remove: ['$deleted'] }, 'upstream');
        else changeFlags(mail, some.slice(0, 2), { add: ['$deleted'], remove: [] }, 'upstream');
      }));
    default:
      if (box.name === 'INBOX' || boxes.length < 4) {
        await write((mail) => createMailbox(mail, { name: `B${random(1_000_000)}`, isSubscribed: true, by: 'upstream' }));
      } else if (random(2) === 0) await write((mail) => renameMailbox(mail, box.id, { name: `R${random(1_000_000)}`, by: 'upstream' }));
      else await write((mail) => deleteMailbox(mail, box.id, 'upstream'));
  }
}
