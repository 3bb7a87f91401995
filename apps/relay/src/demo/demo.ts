/*
 * The relay as it is, with a practice provider in the same process that breaks and heals when somebody asks: by the buttons of the web client, or by
 * `POST /demo/outage`. Its data is in a temporary directory, which goes away with it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatHostPort, type Config } from '@stopgap/config';
import { MailError } from '@stopgap/core';
import { DEMO_PARTS, type DemoDeps, type DemoPart } from '@stopgap/http-api';
import type { Doors } from '../announce.ts';
import { serve } from '../serve.ts';
import { print, printable } from '../table.ts';
import { demoConfig, standardListen } from './demo-config.ts';
import { meetAccounts } from './meet-accounts.ts';
import { fillMailboxes } from './mail/fill-mailboxes.ts';
import { ANNA, BEN } from './practice-accounts.ts';
import { startPracticeProvider, type Arrival, type PracticeProvider } from './practice-provider.ts';

const ACCOUNTS = [ANNA, BEN];
const LISTED = new Intl.ListFormat('en-GB');
const CALLED: Readonly<Record<DemoPart, string>> = { smtp: 'SMTP', imap: 'IMAP', webmail: 'its webmail' };

/** Runs until `signal` aborts. Nothing of it stays behind. @param listen without it: where a relay listens by itself, as far as that is free */
export async function demo(signal: AbortSignal, listen?: Config['listen']): Promise<void> {
  if (listen?.http === false)
    throw new MailError('permanent', 'The demo is seen in a browser: leave "listen.http" of the file open.', { code: 'config' });
  const directory = await mkdtemp(join(tmpdir(), 'stopgap-demo-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const provider = stack.use(await startPracticeProvider({ accounts: ACCOUNTS, onArrival: (arrival) => print(arrivalText(arrival)) }));
  await fillMailboxes(provider.storageOf, Date.now());
  const config = await demoConfig({ directory, provider, listen: listen ?? (await standardListen()) });
  let opening = Promise.resolve();
  stack.defer(() => opening);
  await serve(config, {
    signal,
    demo: practice(provider),
    onReady: (doors) => {
      opening = open(doors, { file: config.file ?? '', signal });
    },
  });
}

/** Told when the mailboxes are being filled, or as soon as that can not be. */
async function open(doors: Doors, { file, signal }: { readonly file: string; readonly signal: AbortSignal }): Promise<void> {
  const origin = doors.http === undefined ? '' : `http://${formatHostPort(doors.http)}`;
  await meetAccounts(origin, ACCOUNTS, signal).catch(() => undefined);
  if (!signal.aborted) print(welcome(doors, { file, origin }));
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
  return `The provider is broken: ${LISTED.format(down.map((part) => CALLED[part]))} cut every connection.`;
}

function arrivalText({ subject, to, by }: Arrival): string {
  return printable(`${clock()}  "${subject}" has reached ${to.join(', ')}, by ${by === 'SMTP' ? 'SMTP' : 'the webmail'}.`);
}

function clock(): string {
  return new Date().toLocaleTimeString('en-GB');
}

function welcome({ submission, imap }: Doors, { file, origin }: { readonly file: string; readonly origin: string }): string {
  const place = (door: Doors[keyof Doors]) => (door === undefined ? 'no door' : formatHostPort(door));
  return `
Stopgap, with a practice provider. Nothing leaves this machine.

  Open     ${origin}/
  Log in   ${ANNA.address}, password ${ANNA.password}
      or   ${BEN.address}, password ${BEN.password}

  Try      1. Log in as Anna, and press "Break the provider": its SMTP and IMAP are dead.
           2. Write to ${BEN.address}, and see in the Outbox how it leaves: by the provider's webmail.
           3. Press "Ben's mailbox": there it is.
           4. Heal the provider, and the banner goes.

  A mail program works, too: IMAP at ${place(imap)}, SMTP at ${place(submission)}, both with STARTTLS.
  So does "pnpm stopgap status --config ${file}", and queue list, and mirror status.
  The buttons by hand: curl ${origin}/demo/outage --json '{"outage": true}'
  To see it played in the terminal instead: npm start -- --demo --play

  Ctrl-C ends it and removes everything.
`;
}
