import type { Client } from './client.ts';

/** RFC 7162 3.1: some commands turn it on by themselves; who has a mailbox open is told where it stands. */
export function turnOnCondstore(client: Client): void {
  if (client.enabled.isCondstore) return;
  client.enabled.isCondstore = true;
  if (client.selected) client.out.text(`* OK [HIGHESTMODSEQ ${client.selected.toldModSeq}] Highest\r\n`);
}
