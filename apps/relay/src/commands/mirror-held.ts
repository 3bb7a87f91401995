import { count, print } from '../table.ts';
import { since } from '../times.ts';
import type { HeldDeletion } from './mirror-status.ts';

export function printHeld(address: string, { mailbox, gone, of, since: from }: HeldDeletion, nowMs: number): void {
  print(
    `\n${address}: ${count(gone, 'message')} of ${of} in ${mailbox} gone at the provider since ${since(from, nowMs)}. They stay here until ` +
      `"stopgap mirror release ${address}" lets them go, or "stopgap mirror give-back ${address}" gives them to the provider again.`,
  );
}
