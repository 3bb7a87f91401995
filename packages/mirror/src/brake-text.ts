import type { Brake } from './brake.ts';

/** What `remote_mailbox.brake` says; only this package writes it. */
export function parsedBrake(text: string | undefined): Brake | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Brake);
}
