import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { asId } from '@stopgap/core';
import { expect, test, vi } from 'vitest';
import { NO_CAPABILITIES } from './capabilities.ts';
import { DEFAULT_SMTP_TIMEOUTS } from './timeouts.ts';
import { sendOn } from './transaction.ts';
import { SmtpWire } from './wire.ts';

/** A server that agrees to all, at the end of a line that takes nothing of the message until `takeOn` is called. */
function stuckLine() {
  let takeOn: () => void = () => undefined;
  const written: string[] = [];
  const line = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      const text = chunk.toString();
      written.push(text);
      // Later, as over a network: never before the write that it answers has returned.
      if (!text.startsWith('Subject')) setImmediate(() => line.push(text === 'DATA\r\n' ? '354 go ahead\r\n' : '250 ok\r\n'));
      if (text.startsWith('Subject')) takeOn = done;
      else done();
    },
  });
  return { socket: line as unknown as Socket, written, takeOn: () => takeOn() };
}

test('the mark waits until the whole body has left: mail stuck on our side is not unsure', async () => {
  const { socket, written, takeOn } = stuckLine();
  const mark = vi.fn(async () => undefined);
  const recipient = { id: asId.recipient(1), address: 'b@x.test' };
  const wire = new SmtpWire(socket, 'mail.test');
  const result = sendOn(
    wire,
    {
      envelope: { from: 'a@x.test', smtpUtf8: false, eightBitMime: false, sizeBytes: 14 },
      recipients: [recipient],
      open: async function* open() {
        yield Buffer.from('Subject: x\r\n\r\n');
      },
      mark,
    },
    { host: 'mail.test', offers: NO_CAPABILITIES, timeouts: DEFAULT_SMTP_TIMEOUTS, startsWithReset: false },
  );
  await vi.waitUntil(() => written.includes('Subject: x\r\n\r\n'));
  // One turn of the loop: all that does not wait for the line has run then.
  await new Promise((resolve) => setImmediate(resolve));
  expect(mark).not.toHaveBeenCalled();
  takeOn();
  expect((await result).outcomes.get(recipient.id)?.kind).toBe('delivered');
  expect(mark).toHaveBeenCalledOnce();
});
