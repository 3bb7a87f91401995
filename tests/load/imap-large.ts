import { startFilledRelay } from './filled-relay.ts';
import { ImapLine } from './imap-line.ts';
import { memoryOf } from './loaded-relay.ts';
import { against, type Bench } from './report.ts';

const CLIENTS = 20;
const SIZE_BYTES = 50_000_000;
const GOAL_MB = 100;
/** Before it is measured: compiled code, and what a process holds once it has done anything. */
const WARM_UP_MESSAGES = 200;
const WARM_UP_BYTES = 10_000;

/** One big message for many clients at once: how much the process grows. */
export const imapLarge: Bench = async (options) => {
  const clients = options.messages ?? CLIENTS;
  const mailboxes = [
    { name: 'INBOX', messages: 1, sizeBytes: SIZE_BYTES },
    { name: 'small', messages: WARM_UP_MESSAGES, sizeBytes: WARM_UP_BYTES },
  ];
  await using filled = await startFilledRelay(mailboxes, { users: ['user0'], profileDir: options.profileDir });
  const [target] = filled.targets;
  if (!target) throw new Error('nobody to log in as');
  const lines = await Promise.all(Array.from({ length: clients }, () => ImapLine.logIn(target)));
  await Promise.all(
    lines.map(async (line) => {
      await line.command('SELECT small');
      await line.command('FETCH 1:* BODY.PEEK[]');
      await line.command('SELECT INBOX');
    }),
  );
  const before = memoryOf(filled.relay);
  const startMs = performance.now();
  const octets = await Promise.all(lines.map((line) => line.command('FETCH 1 BODY.PEEK[]')));
  const seconds = (performance.now() - startMs) / 1000;
  const after = memoryOf(filled.relay);
  for (const line of lines) line.close();
  if (octets.some((one) => one < SIZE_BYTES)) throw new Error(`not all of it came: ${octets.join(', ')}`);
  const growthMb = Math.max(0, after.peakMb - before.rssMb);
  options.say(
    `RSS before ${before.rssMb.toFixed(0)} MB, highest ${after.peakMb.toFixed(0)} MB; ${((octets.length * SIZE_BYTES) / 1e6 / seconds).toFixed(0)} MB/s`,
  );
  return {
    line: `imap-large: a message of 50 MB to ${clients} clients at once: ${against(`RSS grew by ${growthMb.toFixed(0)} MB`, `< ${GOAL_MB}`, growthMb < GOAL_MB)}`,
    figures: { growthMb, seconds },
  };
};
