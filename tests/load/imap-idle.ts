import { startFilledRelay } from './filled-relay.ts';
import { ImapLine, type ImapTarget } from './imap-line.ts';
import { memoryOf } from './loaded-relay.ts';
import { processorMs } from './processor-time.ts';
import { against, type Bench } from './report.ts';

const CONNECTIONS = 5000;
/** Of one account: a family's or an office's devices and folders. */
const PER_ACCOUNT = 100;
/** In the mailbox that they watch. */
const MESSAGES = 1000;
const SIZE_BYTES = 400;
/** Log-ins at once. */
const AT_ONCE = 50;
const ROUNDS = 5;
const LIMIT_MS = 60_000;
const GOAL_KB = 30;
const GOAL_MS = 1000;

/** Many connections in IDLE: what each of them costs, and how long a new message in each account takes to reach all of them. */
export const imapIdle: Bench = async (options) => {
  const connections = options.messages ?? CONNECTIONS;
  const users = Array.from({ length: Math.ceil(connections / PER_ACCOUNT) }, (_, index) => `user${index}`);
  const mailboxes = [{ name: 'INBOX', messages: MESSAGES, sizeBytes: SIZE_BYTES }];
  await using filled = await startFilledRelay(mailboxes, {
    users,
    connections: connections + 2 * users.length,
    profileDir: options.profileDir,
  });
  const { relay, targets } = filled;
  const senders = await Promise.all(targets.map((target) => ImapLine.logIn(target)));
  const all = Array.from({ length: connections }, (_, index) => targets[index % targets.length]).filter((one) => one !== undefined);
  // What the process holds once it has seen each account, and done everything once, is not the connections'.
  await idleOnce(all.slice(0, Math.min(all.length, 2 * users.length)));
  await Promise.all(senders.map((line) => line.append('INBOX', letter(0))));
  const before = memoryOf(relay);
  const arrivals = new Arrivals();
  const lines = await openAll(all, arrivals);
  const idle = memoryOf(relay);
  const kb = Math.max(0, ((idle.rssMb - before.rssMb) * 1024) / connections);
  options.say(`${connections} connections: RSS ${before.rssMb.toFixed(0)} MB before, ${idle.rssMb.toFixed(0)} MB with them`);
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const used = processorMs([relay.process.pid ?? 0]);
    const reached = arrivals.of(connections);
    const startMs = performance.now();
    await Promise.all(senders.map((line) => line.append('INBOX', letter(round))));
    const ms = (await reached) - startMs;
    times.push(ms);
    options.say(`round ${round}: all reached within ${ms.toFixed(0)} ms, processor ${processorMs([relay.process.pid ?? 0]) - used} ms`);
  }
  for (const line of [...lines, ...senders]) line.close();
  const ms = times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0;
  return {
    line: [
      `imap-idle: ${connections} connections of ${users.length} accounts`,
      against(`${kb.toFixed(1)} KB each`, `< ${GOAL_KB}`, kb < GOAL_KB),
      against(`a new message in every account reaches all within ${ms.toFixed(0)} ms`, `< ${GOAL_MS}`, ms < GOAL_MS),
    ].join('; '),
    figures: { kb, ms },
  };
};

async function idleOnce(targets: readonly ImapTarget[]): Promise<void> {
  for (const line of await openAll(targets, new Arrivals())) line.close();
}

async function openAll(targets: readonly ImapTarget[], arrivals: Arrivals): Promise<ImapLine[]> {
  const lines: ImapLine[] = [];
  for (let from = 0; from < targets.length; from += AT_ONCE) {
    const some = targets.slice(from, from + AT_ONCE).map(async (target, index) => {
      const line = await ImapLine.logIn(target);
      await line.command('SELECT INBOX');
      await line.idle(() => arrivals.came(from + index));
      return line;
    });
    lines.push(...(await Promise.all(some)));
  }
  return lines;
}

/** Who has heard of the new message. */
class Arrivals {
  #heard = new Set<number>();
  #wanted = 0;
  #done: (atMs: number) => void = () => undefined;

  /** Resolves to when the last of so many has heard. */
  of(connections: number): Promise<number> {
    this.#heard = new Set();
    this.#wanted = connections;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`only ${this.#heard.size} of ${connections} have heard`)), LIMIT_MS);
      this.#done = (atMs) => {
        clearTimeout(timer);
        resolve(atMs);
      };
    });
  }

  came(index: number): void {
    this.#heard.add(index);
    if (this.#heard.size === this.#wanted) this.#done(performance.now());
  }
}

function letter(round: number): Buffer {
  const head = `From: Load <load@far.test>\r\nTo: Load <load@provider.test>\r\nSubject: news ${round}\r\nMessage-ID: <news.${round}@far.test>\r\n`;
  return Buffer.from(`${head}Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n\r\nNews.\r\n`);
}
