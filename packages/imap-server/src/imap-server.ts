import type { HostPort } from '@stopgap/config';
import { Counter } from './counter.ts';
import { Door, type DoorOptions } from './door.ts';
import type { Settings } from './settings.ts';

export interface ImapServerOptions extends Settings {
  readonly listen: { readonly imap: HostPort | false; readonly imaps: HostPort | false };
  readonly tls: DoorOptions['tls'];
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
  const accounts = new Counter();
  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([...doors.values()].map((door) => door.shut(graceMs)));
    doors.clear();
  };
  const open = async (name: 'imap' | 'imaps', security: DoorOptions['security']): Promise<void> => {
    const at = listen[name];
    if (at === false) return;
    const door = new Door({ name, security, at, tls, accounts }, settings);
    await door.open();
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
    },
    addresses: () => Object.fromEntries([...doors].map(([name, door]) => [name, door.address])),
    close: ({ graceMs }) => close(graceMs),
  };
}
