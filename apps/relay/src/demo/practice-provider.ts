/*
 * A mail company on loopback, in memory: SMTP, IMAP and a webmail over the same mail, each of which breaks on request. The webmail is the one that stands in
 * for Roundcube in the tests and passes the same suite as the real one; IMAP is our own server. Nothing leaves this machine.
 */
import type { DemoPart } from '@stopgap/http-api';
import { digestOf } from '@stopgap/message';
import { appendToFake, startFakeRoundcube, type FakeStorage } from '@stopgap/testkit';
import { openGate } from './gate.ts';
import { startPracticeImap } from './imap/practice-imap.ts';
import { noticeOf } from './practice-notice.ts';
import { startPracticeSmtp } from './practice-smtp.ts';

export interface PracticeAccount {
  readonly name: string;
  readonly address: string;
  readonly password: string;
}

/** What reached the provider, by which door. */
export interface Arrival {
  readonly by: 'SMTP' | 'webmail';
  readonly to: readonly string[];
  readonly subject: string;
}

export interface PracticeProvider extends AsyncDisposable {
  readonly smtpPort: number;
  readonly imapPort: number;
  readonly webmailUrl: string;
  readonly arrivals: readonly Arrival[];
  readonly storageOf: (address: string) => FakeStorage;
  isUp(part: DemoPart): boolean;
  /** A part that is down cuts every connection. */
  setUp(part: DemoPart, isUp: boolean): void;
}

interface PracticeOptions {
  readonly accounts: readonly PracticeAccount[];
  readonly onArrival?: (arrival: Arrival) => void;
}

export async function startPracticeProvider({ accounts, onArrival }: PracticeOptions): Promise<PracticeProvider> {
  const arrivals: Arrival[] = [];
  const take = (by: Arrival['by'], { from, to, raw }: { readonly from: string; readonly to: readonly string[]; readonly raw: Buffer }) => {
    const arrival = { by, to, subject: digestOf(raw).envelope.subject };
    for (const address of to) {
      const isKnown = isAccount(accounts, address);
      const inbox = webmail.storage(isKnown ? address.toLowerCase() : from).get('INBOX');
      if (inbox !== undefined)
        appendToFake(inbox, isKnown ? delivered(by, { from, raw }) : noticeOf({ to: from, about: address, subject: arrival.subject }));
    }
    arrivals.push(arrival);
    onArrival?.(arrival);
  };
  await using stack = new AsyncDisposableStack();
  const webmail = stack.adopt(await startFakeRoundcube({ accounts, onSend: (mail) => take('webmail', mail) }), (one) => one.close());
  const storageOf = (address: string): FakeStorage => webmail.storage(address);
  const smtp = stack.adopt(await startPracticeSmtp(accounts, (mail) => take('SMTP', mail)), (one) => one.close());
  const imap = stack.adopt(await startPracticeImap(accounts, storageOf), (one) => one.close());
  const smtpGate = stack.adopt(await openGate(smtp.port), (one) => one.close());
  const imapGate = stack.adopt(await openGate(imap.port), (one) => one.close());
  let isWebmailUp = true;
  const all = stack.move();
  return {
    smtpPort: smtpGate.port,
    imapPort: imapGate.port,
    webmailUrl: webmail.url,
    arrivals,
    storageOf,
    isUp: (part) => (part === 'webmail' ? isWebmailUp : (part === 'smtp' ? smtpGate : imapGate).isOpen),
    setUp(part, isUp) {
      if (part !== 'webmail') return (part === 'smtp' ? smtpGate : imapGate).set(isUp);
      isWebmailUp = isUp;
      webmail.setDown(!isUp);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function isAccount(accounts: readonly PracticeAccount[], address: string): boolean {
  return accounts.some((account) => account.address === address.toLowerCase());
}

/** RFC 5321 4.4: what the last server writes above a message. */
function delivered(by: Arrival['by'], { from, raw }: { readonly from: string; readonly raw: Buffer }): Buffer {
  const trace = `Return-Path: <${from}>\r\nReceived: by mail.demo.test (practice provider) with ${by === 'SMTP' ? 'ESMTPA' : 'HTTP'}; ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`;
  return Buffer.concat([Buffer.from(trace), raw]);
}
