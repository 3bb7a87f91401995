import { createInterface } from 'node:readline';
import { messageOf } from '@stopgap/core';
import { print, printable } from '../table.ts';
import type { PracticeAccount, PracticeProvider } from './practice-provider.ts';

const LOOK_EVERY_MS = 200;

/** After the play: the visitor sends by a mail program of their own and breaks the provider at will, until `signal` aborts. */
export async function visit(stage: {
  readonly provider: PracticeProvider;
  readonly account: PracticeAccount;
  readonly port: number;
  readonly waiting: () => Promise<string>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { provider, account, port, signal } = stage;
  print('\nThe relay goes on; now it is your turn.');
  print(`  mail program   server 127.0.0.1, port ${port}, STARTTLS, user ${account.address}, password ${account.password}`);
  print('  s, Enter       breaks the SMTP of the provider, or mends it');
  print('  w, Enter       the same with its webmail');
  print('  q, Enter       shows what waits');
  print('  Ctrl-C         ends it and removes everything\n');
  const lines = createInterface({ input: process.stdin });
  const keys = keysOf(stage);
  lines.on('line', (line) => {
    keys[line.trim().toLowerCase()]?.().catch((error: unknown) => print(`That did not work: ${messageOf(error)}`));
  });
  let told = provider.arrivals.length;
  const timer = setInterval(() => {
    for (const { subject, to, by } of provider.arrivals.slice(told))
      print(printable(`"${subject}" has reached ${to.join(', ')}, by ${by}.`));
    told = provider.arrivals.length;
  }, LOOK_EVERY_MS);
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
  clearInterval(timer);
  lines.close();
}

function keysOf({ provider, waiting }: { readonly provider: PracticeProvider; readonly waiting: () => Promise<string> }) {
  const word = (isOpen: boolean) => (isOpen ? 'answers again' : 'is down');
  const keys: Readonly<Record<string, () => Promise<void>>> = {
    async s() {
      provider.setUp('smtp', !provider.isUp('smtp'));
      print(`SMTP ${word(provider.isUp('smtp'))}.`);
    },
    async w() {
      provider.setUp('webmail', !provider.isUp('webmail'));
      print(`The webmail ${word(provider.isUp('webmail'))}.`);
    },
    async q() {
      print((await waiting()) || 'Nothing waits.');
    },
  };
  return keys;
}
