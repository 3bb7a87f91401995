/* A program of its own that adds, moves and expunges messages without an end and says what is done: `node change-mail.ts DIRECTORY`. */
import { createHash } from 'node:crypto';
import { asId, systemClock, type MessageId } from '@stopgap/core';
import { addMessage, copyMessages, createMailbox, expungeMessages, moveMessages, openMailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { openStore } from '@stopgap/store';

const ACCOUNT = asId.account('alice@provider.test');
/** Half of them go into files of their own. */
const SIZES = [500, 200_000];

const [, , dataDir = ''] = process.argv;
const store = await openStore({ dataDir, clock: systemClock });
const mail = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 3_600_000 });
const boxOf = (name: string) => mail.list(ACCOUNT).find((row) => row.name === name)?.id ?? make(name);
const make = (name: string) => mail.write(ACCOUNT, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id);
const [one, two] = [await boxOf('INBOX'), await boxOf('Other')];

for (let n = 0; ; n += 1) {
  const bytes = Buffer.from(`Subject: ${process.pid} ${n}\r\n\r\n${'x'.repeat(SIZES[n % SIZES.length] ?? 0)}`);
  const writer = store.blobs.stage();
  await writer.write(bytes);
  const blob = await writer.finish();
  const { id } = await mail.write(ACCOUNT, (tx) =>
    addMessage(tx, { mailbox: one, blob, digest: digestOf(bytes), completeness: 'raw', receivedAtMs: n, flags: [], by: 'here' }),
  );
  done('added', id, createHash('sha256').update(bytes).digest('hex'));
  await mail.write(ACCOUNT, (tx) => copyMessages(tx, [id], two, 'here'));
  await mail.write(ACCOUNT, (tx) => moveMessages(tx, [id], two, 'here'));
  done('moved', id);
  if (n % 3 !== 0) continue;
  await mail.write(ACCOUNT, (tx) => expungeMessages(tx, [id], 'here'));
  done('expunged', id);
}

function done(what: string, id: MessageId, hash = ''): void {
  process.stdout.write(`${what} ${id} ${hash}\n`);
}
