import type { Client, Command, Completion } from './client.ts';
import { commands } from './commands.ts';
import { completionOf, endsSession, isOurFault, replies } from './replies.ts';
import { MailboxGone } from './tracker.ts';
import type { Gathered } from './wire/command-reader.ts';
import { ConnectionOver, EndingFault } from './wire/faults.ts';
import { Scanner } from './wire/scanner.ts';

export interface Performed {
  /** `*` where it could not be read: then the reply can not name it. */
  readonly tag: string;
  readonly completion: Completion;
  /** There is such a command. */
  readonly isKnown: boolean;
}

/** Runs one command, with what is new in the mailbox told at its end. Rejects only with what ends the connection. */
export async function perform(client: Client, gathered: Gathered): Promise<Performed> {
  const args = new Scanner(gathered.text);
  let tag = '*';
  let name = '';
  try {
    tag = args.tag();
    args.space();
    name = args.word();
    if (name === 'UID') {
      args.space();
      name = `UID ${args.word()}`;
    }
  } catch {
    return { tag, completion: tag === '*' ? replies.tagMissing : replies.unknownCommand, isKnown: false };
  }
  const command = commands.get(name);
  if (command === undefined || command.isThere?.(client) === false) return { tag, completion: replies.unknownCommand, isKnown: false };
  if (gathered.kind === 'too-big') return { tag, completion: replies.tooBig, isKnown: true };
  const pending = gathered.kind === 'command' ? gathered.pending : undefined;
  if (!isAllowed(command, client)) return { tag, completion: replies.wrongState(command.state), isKnown: true };
  // So that a message another connection has just brought can be asked for by its UID.
  if (command.state === 'selected') await client.selected?.sync({ mayExpunge: false });
  const completion = await run(command, client, { args, tag, name, pending });
  await client.selected?.sync({ mayExpunge: command.keepsNumbers !== true && completion.keepsNumbers !== true });
  client.selected?.holdBack();
  return { tag, completion, isKnown: true };
}

async function run(
  command: Command,
  client: Client,
  { args, tag, name, pending }: { args: Scanner; tag: string; name: string; pending: Parameters<Command['run']>[2]['pending'] },
): Promise<Completion> {
  try {
    return await command.run(args, client, { tag, pending });
  } catch (error) {
    if (error instanceof ConnectionOver || error instanceof EndingFault || error instanceof MailboxGone || endsSession(error)) throw error;
    if (isOurFault(error)) client.fail(error, name);
    return completionOf(error);
  }
}

function isAllowed({ state }: Command, client: Client): boolean {
  switch (state) {
    case 'any':
      return true;
    case 'stranger':
      return client.session === undefined;
    case 'authenticated':
      return client.session !== undefined;
    case 'selected':
      return client.selected !== undefined;
    default:
      return state satisfies never;
  }
}
