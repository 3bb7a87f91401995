/*
 * The relay as it is, with a practice provider in the same process that breaks and heals when somebody asks: by the buttons of the web client, or by
 * `POST /demo/outage`. Its data is in a temporary directory, which goes away with it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatHostPort } from '@stopgap/config';
import { DEMO_PARTS, type DemoDeps, type DemoPart } from '@stopgap/http-api';
import type { Doors } from '../announce.ts';
import { serve } from '../serve.ts';
import { print, printable } from '../table.ts';
import { demoConfig } from './demo-config.ts';
import { fillMailboxes } from './mail/fill-mailboxes.ts';
import { ANNA, BEN } from './practice-accounts.ts';
import { startPracticeProvider, type Arrival, type PracticeProvider } from './practice-provider.ts';

const ACCOUNTS = [ANNA, BEN];
const CALLED: Readonly<Record<DemoPart, string>> = { smtp: 'SMTP', imap: 'IMAP', webmail: 'its webmail' };

/** Runs until `signal` aborts. Nothing of it stays behind. */
export async function demo(signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'stopgap-demo-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const provider = stack.use(await startPracticeProvider({ accounts: ACCOUNTS, onArrival: (arrival) => print(arrivalText(arrival)) }));
  await fillMailboxes(provider.storageOf, Date.now());
  const config = await demoConfig(directory, provider);
  await serve(config, {
    signal,
    demo: practice(provider),
    onReady: (doors) => {
      print(welcome(doors, config.file ?? ''));
      void meetAccounts(doors);
    },
  });
}

function practice(provider: PracticeProvider): DemoDeps {
  const down = () => DEMO_PARTS.filter((part) => !provider.isUp(part));
  return {
    accounts: ACCOUNTS,
    outage: ['smtp', 'imap'],
    down,
    setDown(parts) {
      const before = down();
      for (const part of DEMO_PARTS) provider.setUp(part, !parts.includes(part));
      if (before.join() !== down().join()) print(`${clock()}  ${outageText(down())}`);
    },
  };
}

function outageText(down: readonly DemoPart[]): string {
  if (down.length === 0) return 'The provider is healed: everything answers again.';
  return `The provider is broken: ${down.map((part) => CALLED[part]).join(' and ')} cut every connection.`;
}

function arrivalText({ subject, to, by }: Arrival): string {
  return printable(`${clock()}  "${subject}" has reached ${to.join(', ')}, by ${by === 'SMTP' ? 'SMTP' : 'the webmail'}.`);
}

function clock(): string {
  return new Date().toLocaleTimeString('en-GB');
}

/** Each logs in once, so that the mailboxes are here before the first visitor is. */
async function meetAccounts({ http }: Doors): Promise<void> {
  if (http === undefined) return;
  for (const { address, password } of ACCOUNTS) {
    const authorization = `Basic ${Buffer.from(`${address}:${password}`).toString('base64')}`;
    // Who comes too late finds a mailbox that is being filled.
    await fetch(`http://${formatHostPort(http)}/.well-known/jmap`, { headers: { authorization } }).catch(() => undefined);
  }
}

function welcome({ http, submission, imap }: Doors, file: string): string {
  const at = http === undefined ? '' : `http://${formatHostPort(http)}`;
  const place = (door: Doors[keyof Doors]) => (door === undefined ? '' : formatHostPort(door));
  return `
Stopgap, with a practice provider. Nothing leaves this machine.

  Open     ${at}/
  Log in   ${ANNA.address}, password ${ANNA.password}
      or   ${BEN.address}, password ${BEN.password}

  Try      1. Log in as Anna, and press "Break the provider": its SMTP and IMAP are dead.
           2. Write to ${BEN.address}, and see in the Outbox how it leaves: by the provider's webmail.
           3. Press "Ben's mailbox": there it is.
           4. Heal the provider, and the banner goes.

  A mail program works, too: IMAP at ${place(imap)}, SMTP at ${place(submission)}, both with STARTTLS.
  So does "pnpm stopgap status --config ${file}", and queue list, and mirror status.
  The buttons by hand: curl ${at}/demo/outage --json '{"outage": true}'
  To see it played in the terminal instead: npm start -- --demo --play

  Ctrl-C ends it and removes everything.
`;
}
