import type { Client, Command } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import { ok, replies } from '../replies.ts';
import type { MailboxStatus } from '../session.ts';
import { mailboxName } from '../wire/encode.ts';
import { SyntaxFault } from '../wire/faults.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import type { Scanner } from '../wire/scanner.ts';
import { QUOTA_UNIT_BYTES } from './quota.ts';

const ITEMS = [
  'MESSAGES',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'DELETED-STORAGE',
  'SIZE',
  'RECENT',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
] as const;
export type StatusItem = (typeof ITEMS)[number];

/** RFC 9051 6.3.11, RFC 8438 (SIZE), RFC 7162 3.1.7, RFC 8474 4.3, RFC 7889 3.3, RFC 9208 4.1.4 (DELETED-STORAGE). */
export const status: Command = {
  state: 'authenticated',
  async run(args, client) {
    args.space();
    const name = readMailboxName(args.astring(), client.enabled.isUtf8);
    args.space();
    const items = readStatusItems(args);
    args.end();
    const found = await client.session?.status(name);
    if (found === undefined) return replies.noSuchMailbox;
    await writeStatus(client, { name, status: found, items });
    return ok('Done');
  },
};

export function readStatusItems(args: Scanner): readonly StatusItem[] {
  const items = args.list(() => {
    const word = args.word();
    const item = ITEMS.find((one) => one === word);
    if (item === undefined) throw new SyntaxFault('No such status item');
    return item;
  });
  return [...new Set(items)];
}

export async function writeStatus(
  client: Client,
  of: { readonly name: string; readonly status: MailboxStatus; readonly items: readonly StatusItem[] },
): Promise<void> {
  if (of.items.includes('HIGHESTMODSEQ')) turnOnCondstore(client);
  const values: string[] = [];
  for (const item of of.items) values.push(`${item} ${await valueOf(item, of, client)}`);
  client.out.text(`* STATUS ${mailboxName(of.name, client.enabled)} (${values.join(' ')})\r\n`);
}

async function valueOf(
  item: StatusItem,
  { name, status: found }: { readonly name: string; readonly status: MailboxStatus },
  { session }: Client,
): Promise<string | number> {
  switch (item) {
    case 'MESSAGES':
      return found.messages;
    case 'UIDNEXT':
      return found.uidNext;
    case 'UIDVALIDITY':
      return found.uidValidity;
    case 'UNSEEN':
      return found.unseen;
    case 'DELETED':
      return (await session?.deletedIn(name))?.messages ?? 0;
    case 'DELETED-STORAGE':
      return Math.ceil(((await session?.deletedIn(name))?.sizeBytes ?? 0) / QUOTA_UNIT_BYTES);
    case 'SIZE':
      return found.sizeBytes;
    case 'RECENT':
      return 0;
    case 'HIGHESTMODSEQ':
      return found.highestModSeq;
    case 'MAILBOXID':
      return `(${found.mailboxId})`;
    case 'APPENDLIMIT':
      return session?.appendLimitBytes ?? 'NIL';
    default:
      return item satisfies never;
  }
}
