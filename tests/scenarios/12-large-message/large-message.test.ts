import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterTo, startScene, type Scene } from '../../relay/index.ts';

/** Just under the default limit of what the relay takes. */
const BODY_BYTES = 49_900_000;
const MEMORY_GROWTH_BYTES = 150_000_000;
const BOUNDARY = 'large-message-boundary';
let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('50 MB go by SMTP and by the webmail, byte for byte, through little memory', async () => {
  await scene.send('small', { to: ['bob'] });
  await scene.settle();
  const idleBytes = memoryPeak();
  const bySmtp = attachmentLetter('large-by-smtp');
  await scene.send('large-by-smtp', { to: ['bob'], raw: bySmtp });
  await scene.settle();
  await expectSameBytes('large-by-smtp', bySmtp);

  await scene.lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  const byWebmail = attachmentLetter('large-by-webmail');
  await scene.send('large-by-webmail', { to: ['bob'], raw: byWebmail });
  await scene.untilEmpty(90_000);
  await scene.settle();
  await expectSameBytes('large-by-webmail', byWebmail);
  expect(memoryPeak() - idleBytes).toBeLessThan(MEMORY_GROWTH_BYTES);
});

function attachmentLetter(id: string): Buffer {
  const lines = randomBytes(Math.floor((BODY_BYTES / 78) * 57))
    .toString('base64')
    .replaceAll(/.{76}/g, '$&\r\n');
  const body = [
    `--${BOUNDARY}`,
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    '',
    lines,
    `--${BOUNDARY}--`,
    '',
  ];
  return letterTo(id, {
    from: scene.lab.address('alice'),
    to: [scene.lab.address('bob')],
    fields: ['MIME-Version: 1.0', `Content-Type: multipart/mixed; boundary=${BOUNDARY}`],
    body: Buffer.from(body.join('\r\n')),
  });
}

/** From the first part on: the header is compared by `settle`. */
async function expectSameBytes(id: string, raw: Buffer): Promise<void> {
  const [copy = Buffer.alloc(0)] = await scene.copies(id, 'bob');
  const parts = raw.subarray(raw.indexOf(`--${BOUNDARY}`));
  expect(sha256(copy.subarray(copy.indexOf(`\r\n--${BOUNDARY}`) + 2))).toBe(sha256(parts));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The most physical memory the relay has held since it started (proc(5), VmHWM). */
function memoryPeak(): number {
  const status = readFileSync(`/proc/${scene.relay.process.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
