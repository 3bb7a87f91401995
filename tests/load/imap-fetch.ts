import { startProviderOf } from './full-mailboxes.ts';
import { startFilledRelay } from './filled-relay.ts';
import { ImapLine, type ImapTarget } from './imap-line.ts';
import { processorMs } from './processor-time.ts';
import { against, type Bench } from './report.ts';

const MESSAGES = 10_000;
const SIZE_BYTES = 10_000;
/** The large mailbox has so many times as many, and little in each. */
const LARGE_TIMES = 10;
const SMALL_BYTES = 400;
const LARGE = 'large';
const USER = 'user0';
/** The peer and we in turn, so that the noise of the machine meets both; one round more to warm up: compiled code here, Dovecot's cache there. */
const ROUNDS = 5;

interface Task {
  readonly name: string;
  readonly mailbox: 'INBOX' | typeof LARGE;
  readonly command: string;
  /** Of Dovecot's time; */
  readonly goalRatio?: number;
  /** of ours alone. */
  readonly goalMs?: number;
  /** What has to be answered to every message. */
  readonly answers?: string;
}

const TASKS: readonly Task[] = [
  {
    name: 'whole messages',
    mailbox: 'INBOX',
    command: 'UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])',
    goalRatio: 2,
    answers: ' FETCH (UID ',
  },
  { name: 'flags', mailbox: LARGE, command: 'FETCH 1:* (UID FLAGS)', goalRatio: 2, answers: ' FETCH (UID ' },
  { name: 'envelopes', mailbox: 'INBOX', command: 'FETCH 1:* (ENVELOPE BODYSTRUCTURE)', goalRatio: 1.5, answers: ' FETCH (ENVELOPE ' },
  { name: 'SELECT', mailbox: LARGE, command: `SELECT ${LARGE}`, goalMs: 50 },
  { name: 'SEARCH TEXT, a rare word', mailbox: 'INBOX', command: 'SEARCH TEXT "karidenil"', goalRatio: 1 },
  { name: 'SEARCH TEXT, a common word', mailbox: 'INBOX', command: 'SEARCH TEXT "sunlo"', goalRatio: 1 },
  { name: 'SEARCH TEXT, two words', mailbox: 'INBOX', command: 'SEARCH TEXT "lo mer"', goalRatio: 1 },
  { name: 'SEARCH TEXT, nothing', mailbox: 'INBOX', command: 'SEARCH TEXT "notthereatall"', goalRatio: 1 },
];

interface Server {
  readonly name: 'ours' | 'Dovecot';
  readonly line: ImapLine;
  readonly processorMs: () => number;
}

interface Figures {
  readonly ms: number;
  readonly processorMs: number;
}

/** What one client waits for when it fetches, opens and searches a mailbox; beside Dovecot. */
export const imapFetch: Bench = async (options) => {
  const messages = options.messages ?? MESSAGES;
  const mailboxes = [
    { name: 'INBOX', messages, sizeBytes: SIZE_BYTES },
    { name: LARGE, messages: messages * LARGE_TIMES, sizeBytes: SMALL_BYTES },
  ];
  await using provider = await startProviderOf(mailboxes, [USER]);
  await using filled = await startFilledRelay(mailboxes, { users: [USER], profileDir: options.profileDir });
  options.say('both are filled');
  const { lab } = provider;
  const { relay, targets } = filled;
  const theirs: ImapTarget = { port: lab.ports.imap, user: provider.address, password: provider.password };
  const servers: readonly Server[] = [
    { name: 'ours', line: await ImapLine.logIn(targets[0] ?? theirs), processorMs: () => processorMs([relay.process.pid ?? 0]) },
    { name: 'Dovecot', line: await ImapLine.logIn(theirs), processorMs: () => processorMs(lab.groups()) },
  ];
  const parts: string[] = [];
  const figures: Record<string, number> = {};
  for (const task of TASKS) {
    const [ours, dovecot] = await inTurn(task, servers, mailboxes.find(({ name }) => name === task.mailbox)?.messages ?? 0);
    options.say(`${task.name}: ours ${shown(ours)}; Dovecot ${shown(dovecot)}`);
    const ratio = ours.ms / dovecot.ms;
    figures[task.name] = ratio;
    figures[`${task.name} ms`] = ours.ms;
    parts.push(goalOf(task, { ours, ratio }));
  }
  for (const { line } of servers) line.close();
  return { line: `imap-fetch ${messages}, times Dovecot's: ${parts.join('; ')}`, figures };
};

function goalOf({ name, goalRatio, goalMs }: Task, { ours, ratio }: { readonly ours: Figures; readonly ratio: number }): string {
  if (goalMs !== undefined) return against(`${name} ${ours.ms.toFixed(1)} ms`, `< ${goalMs} ms`, ours.ms < goalMs);
  const goal = goalRatio ?? 1;
  return against(`${name} ${ratio.toFixed(2)}`, `<= ${goal}`, ratio <= goal);
}

function shown({ ms, processorMs: processor }: Figures): string {
  return `${ms.toFixed(1)} ms (processor ${processor.toFixed(0)} ms)`;
}

async function inTurn(task: Task, servers: readonly Server[], messages: number): Promise<readonly [Figures, Figures]> {
  const all = servers.map(() => [] as Figures[]);
  for (const { line } of servers) {
    await line.command(`SELECT ${task.mailbox}`);
    // Once to warm up; that everything is answered is looked at here.
    const answer = await line.ask(task.command);
    if (task.answers !== undefined) expectAll(task, answer, messages);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, server] of servers.entries()) all[index]?.push(await timed(server, task));
  }
  return [median(all[0] ?? []), median(all[1] ?? [])];
}

function expectAll({ command, answers = '' }: Task, answer: string, messages: number): void {
  const found = answer.split(answers).length - 1;
  if (found !== messages) throw new Error(`${command}: ${found} of ${messages} messages were told`);
}

async function timed({ line, processorMs: used }: Server, { command }: Task): Promise<Figures> {
  const before = used();
  const startMs = performance.now();
  await line.command(command);
  return { ms: performance.now() - startMs, processorMs: used() - before };
}

function median(all: readonly Figures[]): Figures {
  const middle = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
  // Counted in hundredths of a second: only all rounds together say anything.
  return { ms: middle(all.map(({ ms }) => ms)), processorMs: all.reduce((sum, one) => sum + one.processorMs, 0) / all.length };
}
