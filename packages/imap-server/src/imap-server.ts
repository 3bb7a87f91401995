import type { HostPort } from '@stopgap/config';
import { openDoor, type Door, type TlsFiles } from '@stopgap/door';
import { Connection, TICK_MS } from './connection.ts';
import { Counter } from './counter.ts';
import { byes } from './replies.ts';
import type { Settings } from './settings.ts';

export interface ImapServerOptions extends Settings {
  readonly listen: { readonly imap: HostPort | false; readonly imaps: HostPort | false };
  readonly tls: TlsFiles;
}

export interface ImapAddresses {
  readonly imap?: HostPort;
  readonly imaps?: HostPort;
}

export interface ImapServer {
  /** Resolves when every door is open. @throws MailError `listen`, with all doors shut again */
  listen(): Promise<void>;
  /** Where the open doors are; with port 0 in the configuration the real one. */
  addresses(): ImapAddresses;
  /** Resolves when the last connection is gone, after `graceMs` at the latest. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/** Two doors: `imap` (RFC 9051, STARTTLS) and `imaps` (RFC 8314 3.2, TLS from the first byte). */
export function createImapServer(options: ImapServerOptions): ImapServer {
  const { listen, tls, ...settings } = options;
  const doors = new Map<'imap' | 'imaps', Door>();
  const connections = new Set<Connection>();
  const accounts = new Counter();
  const over = new AbortController();
  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([...doors.values()].map((door) => door.close({ graceMs })));
    doors.clear();
    over.abort();
  };
  const open = async (name: 'imap' | 'imaps', security: 'starttls' | 'tls'): Promise<void> => {
    const at = listen[name];
    if (at === false) return;
    const door = await openDoor({
      name,
      security,
      at,
      tls,
      alpn: 'imap',
      limits: settings.limits,
      farewell: `* BYE ${byes.tooManyConnections}\r\n`,
      receive: (arrival) => {
        const connection = new Connection(arrival, { door: name, settings, accounts, hasStartTls: security === 'starttls' });
        connections.add(connection);
        arrival.socket.once('close', () => connections.delete(connection));
        void connection.run();
        return connection;
      },
      failed: (event) => settings.events.failed(event),
    });
    doors.set(name, door);
  };
  return {
    async listen() {
      try {
        await open('imap', 'starttls');
        await open('imaps', 'tls');
      } catch (error) {
        await close(0);
        throw error;
      }
      void keepTime(settings, connections, over.signal);
    },
    addresses: () => Object.fromEntries([...doors].map(([name, door]) => [name, door.address])),
    close: ({ graceMs }) => close(graceMs),
  };
}

/** One timer for all connections. */
async function keepTime({ clock }: Settings, connections: ReadonlySet<Connection>, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await clock.wait(TICK_MS, over);
    if (!over.aborted) for (const connection of connections) connection.tick();
  }
}
