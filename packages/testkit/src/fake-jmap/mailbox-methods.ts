import type { FakeJmapAccount, FakeJmapMailbox } from './account.ts';
import { byId, listOf, picked, recordOf, type Method } from './method.ts';

export const mailboxMethods: Readonly<Record<string, Method>> = {
  'Mailbox/get': (args, { account }) => {
    const { list, notFound } = byId(account.mailboxes, args['ids']);
    return [['Mailbox/get', { state: '0', list: list.map((one) => picked(shown(account, one), args['properties'])), notFound }]];
  },
  'Mailbox/set': (args, { account }) => {
    const created: Record<string, unknown> = {};
    const updated: Record<string, null> = {};
    const destroyed: string[] = [];
    const notCreated: Record<string, { type: string }> = {};
    const notUpdated: Record<string, { type: string }> = {};
    const notDestroyed: Record<string, { type: string }> = {};
    for (const [key, order] of Object.entries(recordOf(args['create']))) {
      const wanted = { name: String(order['name']), parentId: (order['parentId'] ?? null) as string | null };
      if (isTaken(account, wanted)) notCreated[key] = { type: 'invalidProperties' };
      else created[key] = { id: account.addMailbox({ ...wanted, role: null, isSubscribed: order['isSubscribed'] === true }).id };
    }
    for (const [id, patch] of Object.entries(recordOf(args['update']))) {
      const mailbox = account.mailboxes.get(id);
      if (mailbox === undefined) notUpdated[id] = { type: 'notFound' };
      else if (isTaken(account, { ...mailbox, ...patch }, id)) notUpdated[id] = { type: 'invalidProperties' };
      else {
        Object.assign(mailbox, patch);
        updated[id] = null;
      }
    }
    for (const id of listOf(args['destroy'])) {
      const error = whyNotDestroyed(account, id, args['onDestroyRemoveEmails'] === true);
      if (error !== undefined) notDestroyed[id] = { type: error };
      else {
        account.removeMailbox(id);
        destroyed.push(id);
      }
    }
    return [['Mailbox/set', { oldState: '0', newState: '0', created, updated, destroyed, notCreated, notUpdated, notDestroyed }]];
  },
};

function shown(account: FakeJmapAccount, mailbox: FakeJmapMailbox): Record<string, unknown> {
  const totalEmails = account.inMailbox(mailbox.id).length;
  return { ...mailbox, sortOrder: 0, totalEmails, unreadEmails: 0, myRights: { mayReadItems: true, mayAddItems: true } };
}

function isTaken(account: FakeJmapAccount, wanted: Pick<FakeJmapMailbox, 'name' | 'parentId'>, except?: string): boolean {
  return [...account.mailboxes.values()].some(
    (one) => one.id !== except && one.parentId === wanted.parentId && one.name.toLowerCase() === wanted.name.toLowerCase(),
  );
}

function whyNotDestroyed(account: FakeJmapAccount, id: string, withMail: boolean): string | undefined {
  if (!account.mailboxes.has(id)) return 'notFound';
  if ([...account.mailboxes.values()].some((one) => one.parentId === id)) return 'mailboxHasChild';
  return !withMail && account.inMailbox(id).length > 0 ? 'mailboxHasEmail' : undefined;
}
