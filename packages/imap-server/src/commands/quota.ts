import type { Client, Command } from '../client.ts';
import { ok, no, replies } from '../replies.ts';
import { mailboxName } from '../wire/encode.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';

/** RFC 9208 5.1: of units of 1024 octets. */
export const QUOTA_UNIT_BYTES = 1024;

const isThere = (client: Client): boolean => client.session?.quota !== undefined;

/** RFC 9208 4.1.1. There is one root, the whole account, and its name is empty. */
export const getQuota: Command = {
  state: 'authenticated',
  provides: ['QUOTA', 'QUOTA=RES-STORAGE'],
  isThere,
  async run(args, client) {
    args.space();
    const root = args.astring();
    args.end();
    if (root !== '') return no('No such quota root', 'NONEXISTENT');
    await writeQuota(client);
    return ok('Done');
  },
};

/** RFC 9208 4.1.2. */
export const getQuotaRoot: Command = {
  state: 'authenticated',
  isThere,
  async run(args, client) {
    args.space();
    const name = readMailboxName(args.astring(), client.enabled.isUtf8);
    args.end();
    if ((await client.session?.status(name)) === undefined) return replies.noSuchMailbox;
    client.out.text(`* QUOTAROOT ${mailboxName(name, client.enabled)} ""\r\n`);
    await writeQuota(client);
    return ok('Done');
  },
};

async function writeQuota({ session, out }: Client): Promise<void> {
  const quota = await session?.quota?.();
  if (quota === undefined) return;
  const units = (bytes: number): number => Math.ceil(bytes / QUOTA_UNIT_BYTES);
  // RFC 9208 4.2.1: what has no limit is not in the list.
  const storage = quota.limitBytes === undefined ? '' : `STORAGE ${units(quota.usedBytes)} ${units(quota.limitBytes)}`;
  out.text(`* QUOTA "" (${storage})\r\n`);
}
