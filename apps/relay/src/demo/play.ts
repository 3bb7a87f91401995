/*
 * An outage, played through on this machine in a minute. The practice provider lives in this process; the relay is a process of its own, because it is
 * killed on the way. Every line is printed when the thing has happened, and the tally at the end is counted at the provider.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { print } from '../table.ts';
import { ANNA, BEN } from './practice-accounts.ts';
import { startPracticeProvider, type PracticeProvider } from './practice-provider.ts';
import { visit } from './visit.ts';
import { isUp, queueOf, sendAs, startRelayProcess, waitUntil, writeDemoFiles, type DemoFiles } from './relay-process.ts';

const ARRIVES_MS = 30_000;

/**
 * Resolves when the play is over and, on a terminal, the visitor has ended it; earlier when `signal` aborts. Nothing of it stays behind.
 * @throws when something did not go as it is told
 */
export async function play(signal: AbortSignal): Promise<void> {
  try {
    await allScenes(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    print('\nEnded early; nothing stays behind.');
  }
}

async function allScenes(signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'stopgap-demo-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const provider = stack.use(await startPracticeProvider({ accounts: [ANNA, BEN] }));
  const files = await writeDemoFiles(directory, provider);
  let relay = await startRelayProcess(files, signal);
  stack.defer(() => relay.stop());
  const stage = { provider, files, signal };

  print(`A practice provider, demo.test: SMTP on port ${provider.smtpPort}, webmail at ${provider.webmailUrl}`);
  print(`The relay (process ${relay.pid}) takes mail on 127.0.0.1:${relay.submissionPort} (STARTTLS)\n`);

  print('1. All is well. Anna sends a message.');
  await send(stage, 'First message');
  await arrives(stage, 'First message');

  await nothingUnderWay(stage);
  provider.setUp('smtp', false);
  print("\n2. The provider's SMTP is down: every connection is cut. Anna sends the next one.");
  await send(stage, 'Second message');
  await arrives(stage, 'Second message');

  await nothingUnderWay(stage);
  provider.setUp('webmail', false);
  print('\n3. Now the webmail is down, too. Anna sends a third one.');
  await send(stage, 'Third message');
  print(`   It waits: ${await waiting(files)}`);

  const { pid } = relay;
  await relay.kill();
  print(`\n4. The relay is killed (process ${pid}, kill -9) and started again.`);
  relay = await startRelayProcess(files, signal);
  print(`   It is back (process ${relay.pid}), and still waits: ${await waiting(files)}`);

  provider.setUp('webmail', true);
  print('\n5. The webmail is back.');
  await arrives(stage, 'Third message');

  provider.setUp('smtp', true);
  print('\n6. SMTP is back. The relay tries it with care before it trusts it again.');
  await waitUntil(() => isUp(files, 'smtp'), { limitMs: ARRIVES_MS, signal });
  print('   It counts as up. Anna sends the last one.');
  await send(stage, 'Fourth message');
  await arrives(stage, 'Fourth message');

  tally(provider);
  if (process.stdin.isTTY && !signal.aborted) {
    await visit({ provider, account: ANNA, port: relay.submissionPort, waiting: () => waiting(files), signal });
  }
}

interface Stage {
  readonly provider: PracticeProvider;
  readonly files: DemoFiles;
  readonly signal: AbortSignal;
}

async function send({ files, signal }: Stage, subject: string): Promise<void> {
  const reply = await sendAs(ANNA, { to: BEN.address, subject }, { files, signal });
  print(`   "${subject}" - the relay answers: ${reply}`);
}

async function arrives({ provider, signal }: Stage, subject: string): Promise<void> {
  const arrived = () => provider.arrivals.find((one) => one.subject === subject);
  await waitUntil(() => arrived() !== undefined, { limitMs: ARRIVES_MS, signal });
  print(`   "${subject}" has reached ${BEN.address}, by ${arrived()?.by}.`);
}

/** Until the relay has heard that what arrived was taken: cut before that it would not know, and send it once more. */
async function nothingUnderWay({ files, signal }: Stage): Promise<void> {
  await waitUntil(async () => (await queueOf(files)).length === 0, { limitMs: ARRIVES_MS, signal });
}

async function waiting(files: DemoFiles): Promise<string> {
  const entries = await queueOf(files);
  return entries
    .flatMap((entry) =>
      entry.recipients.map((one) => `${entry.id} to ${one.address}, ${one.state}${one.reason === null ? '' : ` (${one.reason})`}`),
    )
    .join('; ');
}

function tally(provider: PracticeProvider): void {
  const counts = Map.groupBy(provider.arrivals, (one) => one.subject);
  print('\nCounted at the provider:');
  for (const [subject, arrivals] of counts) print(`   ${arrivals.length} x "${subject}"`);
  if (counts.size !== 4 || [...counts.values()].some((arrivals) => arrivals.length !== 1))
    throw new Error('Not every message arrived exactly once.');
  print('Four sent, four arrived, each once.');
}
