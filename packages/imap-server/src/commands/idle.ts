import type { Client, Command } from '../client.ts';
import { bad, ok } from '../replies.ts';
import type { Tracker } from '../tracker.ts';
import { ConnectionOver } from '../wire/faults.ts';

/** `DONE`. */
const ANSWER_BYTES = 1000;

/**
 * RFC 9051 6.3.13. Each turn tells what is new and then waits for the client or for a change, whichever is first. A client that does not read holds up its
 * own loop only: what it misses is told from the store when it reads again.
 */
export const idle: Command = {
  state: 'authenticated',
  provides: ['IDLE'],
  async run(args, client) {
    args.end();
    client.out.text('+ idling\r\n');
    await client.out.flush();
    const answer = await untilAnswer(client);
    return answer.toUpperCase() === 'DONE' ? ok('Done') : bad('IDLE ends with DONE');
  },
};

async function untilAnswer(client: Client): Promise<string> {
  const spoken = new AbortController();
  const speaking = client.in.ready().then(() => spoken.abort());
  if (client.selected) await follow(client, client.selected, spoken.signal);
  client.setIdling(true);
  await speaking;
  const line = await client.in.line(ANSWER_BYTES);
  client.setIdling(false);
  if (line === undefined) throw new ConnectionOver('The client is gone');
  return line.toString('latin1');
}

async function follow(client: Client, selected: Tracker, spoken: AbortSignal): Promise<void> {
  while (!spoken.aborted) {
    // RFC 9051 6.3.13: EXPUNGE is welcome here, also what had to wait since a command that kept the numbers.
    await selected.sync({ mayExpunge: true });
    await client.out.flush();
    client.setIdling(true);
    await selected.mailbox.waitForChange(selected.modSeq, spoken);
    client.setIdling(false);
  }
}
