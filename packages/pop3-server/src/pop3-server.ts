import type { HostPort } from '@stopgap/config';
import { openDoor, type Door, type TlsFiles } from '@stopgap/door';
import { Connection } from './connection.ts';
import { Locks } from './locks.ts';
import { tooManyConnections } from './replies.ts';
import type { Settings } from './settings.ts';

export interface Pop3ServerOptions extends Settings {
  readonly listen: { readonly pop3: HostPort | false; readonly pop3s: HostPort | false };
  readonly tls: TlsFiles;
}

export interface Pop3Addresses {
  readonly pop3?: HostPort;
  readonly pop3s?: HostPort;
}

export interface Pop3Server {
  /** Resolves when every door is open. @throws MailError `listen`, with all doors shut again */
  listen(): Promise<void>;
  /** Where the open doors are; with port 0 in the configuration the real one. */
  addresses(): Pop3Addresses;
  /** Resolves when the last connection is gone, after `graceMs` at the latest. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/** Two doors: `pop3` (RFC 1939, STLS of RFC 2595) and `pop3s` (RFC 8314 3.3, TLS from the first byte). */
export function createPop3Server({ listen, tls, ...settings }: Pop3ServerOptions): Pop3Server {
  const doors = new Map<'pop3' | 'pop3s', Door>();
  const locks = new Locks();
  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([...doors.values()].map((door) => door.close({ graceMs })));
    doors.clear();
  };
  const open = async (name: 'pop3' | 'pop3s', security: 'starttls' | 'tls'): Promise<void> => {
    const at = listen[name];
    if (at === false) return;
    const door = await openDoor({
      name,
      security,
      at,
      tls,
      alpn: 'pop3',
      limits: settings.limits,
      farewell: tooManyConnections,
      receive: (arrival) => new Connection(arrival, { settings, locks }),
      failed: (event) => settings.events.failed(event),
    });
    doors.set(name, door);
  };
  return {
    async listen() {
      try {
        await open('pop3', 'starttls');
        await open('pop3s', 'tls');
      } catch (error) {
        await close(0);
        throw error;
      }
    },
    addresses: () => Object.fromEntries([...doors].map(([name, door]) => [name, door.address])),
    close: ({ graceMs }) => close(graceMs),
  };
}
