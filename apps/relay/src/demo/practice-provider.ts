import { createServer, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startFakeRoundcube, type FakeRoundcube } from '@stopgap/testkit';
import { SMTPServer } from 'smtp-server';

export interface PracticeAccount {
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
  readonly webmailUrl: string;
  readonly arrivals: readonly Arrival[];
  /** A door that is shut refuses connections. */
  setSmtp(isOpen: boolean): Promise<void>;
  setWebmail(isOpen: boolean): void;
}

/** A mail company on loopback: a submission server and a webmail, in memory, with switches that break them. */
export async function startPracticeProvider(accounts: readonly PracticeAccount[]): Promise<PracticeProvider> {
  const arrivals: Arrival[] = [];
  const arrived = (by: Arrival['by'], to: readonly string[], raw: Buffer) =>
    void arrivals.push({ by, to, subject: /^subject: (.*)$/im.exec(raw.toString('latin1'))?.[1]?.trim() ?? '' });
  const webmail = await startFakeRoundcube({ accounts, onSend: ({ to, raw }) => arrived('webmail', to, raw) });
  const smtpPort = await freePort();
  const smtp = smtpDoor(smtpPort, accounts, (to, raw) => arrived('SMTP', to, raw));
  await smtp.open();
  return {
    smtpPort,
    webmailUrl: webmail.url,
    arrivals,
    setSmtp: (isOpen) => (isOpen ? smtp.open() : smtp.shut()),
    setWebmail: (isOpen) => webmail.setDown(!isOpen),
    [Symbol.asyncDispose]: () => close(smtp, webmail),
  };
}

async function close(smtp: { shut(): Promise<void> }, webmail: FakeRoundcube): Promise<void> {
  await smtp.shut();
  await webmail.close();
}

function smtpDoor(port: number, accounts: readonly PracticeAccount[], take: (to: readonly string[], raw: Buffer) => void) {
  let server: SMTPServer | undefined;
  const sockets = new Set<Socket>();
  return {
    async open(): Promise<void> {
      if (server) return;
      const made = new SMTPServer({
        disabledCommands: ['STARTTLS'],
        allowInsecureAuth: true,
        disableReverseLookup: true,
        onAuth(auth, _session, done) {
          const isKnown = accounts.some((account) => account.address === auth.username && account.password === auth.password);
          if (isKnown) done(null, { user: auth.username });
          else done(new Error('Authentication failed'));
        },
        onData(stream, session, done) {
          buffer(stream).then(
            (raw) => {
              take(
                session.envelope.rcptTo.map((one) => one.address),
                raw,
              );
              done(null, '2.0.0 taken');
            },
            (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
          );
        },
      });
      made.on('error', () => undefined);
      made.server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve) => made.listen(port, '127.0.0.1', () => resolve()));
      server = made;
    },
    async shut(): Promise<void> {
      const open = server;
      server = undefined;
      if (!open) return;
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => open.close(() => resolve()));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
