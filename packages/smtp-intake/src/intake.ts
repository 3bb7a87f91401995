import type { HostPort } from '@stopgap/config';
import { Door, type DoorOptions } from './door.ts';
import type { Settings } from './settings.ts';

export interface SmtpIntakeOptions extends Settings {
  readonly listen: { readonly submission: HostPort | false; readonly submissions: HostPort | false };
  readonly tls: DoorOptions['tls'];
}

export interface IntakeAddresses {
  readonly submission?: HostPort;
  readonly submissions?: HostPort;
}

export interface SmtpIntake {
  /** Resolves when every door is open. @throws MailError `listen`, with all doors shut again */
  listen(): Promise<void>;
  /** Where the open doors are; with port 0 in the configuration the real one. */
  addresses(): IntakeAddresses;
  /** Resolves when the last connection is gone, after `graceMs` at the latest. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/** Two doors: `submission` (RFC 6409, STARTTLS) and `submissions` (RFC 8314 3.3, TLS from the first byte). */
export function createSmtpIntake(options: SmtpIntakeOptions): SmtpIntake {
  const { listen, tls, ...settings } = options;
  const doors = new Map<'submission' | 'submissions', Door>();
  const close = async (graceMs: number): Promise<void> => {
    await Promise.all([...doors.values()].map((door) => door.shut(graceMs)));
    doors.clear();
  };
  const open = async (name: 'submission' | 'submissions', security: DoorOptions['security']): Promise<void> => {
    const at = listen[name];
    if (at === false) return;
    const door = new Door({ name, security, at, tls }, settings);
    await door.open();
    doors.set(name, door);
  };
  return {
    async listen() {
      try {
        await open('submission', 'starttls');
        await open('submissions', 'tls');
      } catch (error) {
        await close(0);
        throw error;
      }
    },
    addresses: () => Object.fromEntries([...doors].map(([name, door]) => [name, door.address])),
    close: ({ graceMs }) => close(graceMs),
  };
}
