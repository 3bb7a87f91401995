import type { Client, Command } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import { ok } from '../replies.ts';

/** RFC 5161. What is not known is passed over; what comes of it is never taken back. */
export const enable: Command = {
  state: 'authenticated',
  provides: ['ENABLE'],
  run(args, client) {
    const enabled: string[] = [];
    // RFC 9051 9 command-auth: at least one is named.
    for (args.space(); ; args.space()) {
      const name = args.word();
      if (turnOn(name, client) && !enabled.includes(name)) enabled.push(name);
      if (args.isAtEnd) break;
    }
    client.out.text(`* ENABLED${enabled.map((name) => ` ${SPELLING[name] ?? name}`).join('')}\r\n`);
    return ok('Done');
  },
};

const SPELLING: Readonly<Record<string, string>> = { IMAP4REV2: 'IMAP4rev2' };

function turnOn(name: string, client: Client): boolean {
  const { enabled } = client;
  switch (name) {
    // RFC 9051 6.3.1: with it names and strings are UTF-8.
    case 'IMAP4REV2':
      enabled.isRev2 = true;
      enabled.isUtf8 = true;
      return true;
    // RFC 6855 3.
    case 'UTF8=ACCEPT':
      enabled.isUtf8 = true;
      return true;
    // RFC 7162 3.1.
    case 'CONDSTORE':
      turnOnCondstore(client);
      return true;
    // RFC 7162 3.2.3: QRESYNC brings CONDSTORE along.
    case 'QRESYNC':
      enabled.isQresync = true;
      turnOnCondstore(client);
      return true;
    default:
      return false;
  }
}
