import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { PracticeAccount } from './practice-provider.ts';

interface Sending {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** The provider's submission server, without TLS: it is reached on this machine only. */
export async function startPracticeSmtp(
  accounts: readonly PracticeAccount[],
  take: (mail: Sending) => void,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth(auth, _session, done) {
      const isKnown = accounts.some((account) => account.address === auth.username && account.password === auth.password);
      if (isKnown) done(null, { user: auth.username });
      else done(new Error('Authentication failed'));
    },
    onData(stream, { envelope }, done) {
      buffer(stream).then(
        (raw) => {
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
          take({ from, to: envelope.rcptTo.map(({ address }) => address), raw });
          done(null, '2.0.0 taken');
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
