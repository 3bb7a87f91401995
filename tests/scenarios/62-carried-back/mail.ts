import type { OpenBackDoor } from '../../lab/index.ts';
import { letterTo } from '../../relay/index.ts';

const ALICE = 'alice@provider.test';

/** A message that is known by its id wherever it turns up, with nothing at its end that Roundcube would trim when it stores it. */
export function letter(id: string): Buffer {
  return letterTo(id, { from: 'far@outside.test', to: [ALICE], body: Buffer.from(`From the start\r\n\r\n.\r\nThis is ${id}.`) });
}

/** Mailbox -> its messages, each with its flags behind it, in the order of their ids. */
export type Contents = Readonly<Record<string, readonly string[]>>;

/** What the provider has, as another mail program sees it; without mailboxes that are empty, unless `names` asks for them. */
export async function contentsOf(door: OpenBackDoor, names: readonly string[] = []): Promise<Contents> {
  const found: Record<string, readonly string[]> = {};
  for (const mailbox of (await door.mailboxes()).toSorted()) {
    const messages = await door.messages(mailbox.split('/'));
    if (messages.length === 0 && !names.includes(mailbox)) continue;
    found[mailbox] = messages.map(({ bytes, flags }) => [idOf(bytes), ...flags].join(' ')).toSorted();
  }
  return found;
}

/** One of the mailboxes, by ids alone. */
export async function idsIn(door: OpenBackDoor, mailbox: string): Promise<readonly string[]> {
  return (await door.messages(mailbox.split('/'))).map(({ bytes }) => idOf(bytes));
}

/** Where it stands in its mailbox, oldest first: how the back door names messages. */
export async function placeOf(door: OpenBackDoor, mailbox: string, id: string): Promise<number> {
  const place = (await idsIn(door, mailbox)).indexOf(id);
  if (place < 0) throw new Error(`${mailbox} has no ${id} upstream`);
  return place;
}

/** As another mail program moves it. */
export async function moveThere(
  door: OpenBackDoor,
  id: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const place = await placeOf(door, from, id);
  await door.command(`SELECT ${from}`);
  const [found = ''] = (await door.command('UID SEARCH ALL')).filter((line) => line.startsWith('* SEARCH'));
  await door.command(`UID MOVE ${found.split(' ')[2 + place]} ${to}`);
  await door.command('UNSELECT');
}

function idOf(bytes: Buffer): string {
  return /^message-id: <([^@]*)@/im.exec(bytes.toString('latin1'))?.[1] ?? '?';
}
