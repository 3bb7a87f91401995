import { changeFlags, expungeMessages, mailboxIn, moveMessages, type MailTx } from '@stopgap/mailbox';
import { MAIL, setArguments, type SetArguments } from '@stopgap/jmap';
import { findMessage, type MessageRow } from '@stopgap/store';
import { unwire } from '../ids.ts';
import { method, type CallContext, type Json } from '../method.ts';
import { invalidProperties, notFoundProblem, setParts, SetOutcome } from '../set.ts';
import { expectState } from '../states.ts';
import { addStaged, stageCreations, type StagedEmail } from './create.ts';
import { emailPatch } from './place-and-flags.ts';

/** RFC 8621 4.6 */
export const emailSet = method(MAIL, setArguments, (args, context) => setEmails(args, context));

/** Everything in one transaction: bytes are staged before it, the mirror is told after it. */
export async function setEmails(args: Omit<SetArguments, 'accountId'>, context: CallContext): Promise<Json> {
  const { deps, account } = context;
  const parts = setParts(args);
  const outcome = new SetOutcome(context.createdIds);
  const staged = await stageCreations(parts.create, { context, outcome });
  const states = await deps.mailboxes.write(account, (mail) => {
    const oldState = String(mail.books.opened.modSeq);
    expectState(args.ifInState, oldState);
    for (const one of staged) createEmail(mail, one, { context, outcome });
    for (const [id, patch] of parts.update) outcome.update(id, (real) => updateEmail(mail, messageOf(mail, real), { patch, context }));
    for (const id of parts.destroy) outcome.destroy(id, (real) => void expungeMessages(mail, [messageOf(mail, real).id], 'here'));
    return { oldState, newState: String(mail.books.counters.modSeq) };
  });
  if (states.newState !== states.oldState) deps.notifyMirror(account);
  return outcome.json(states);
}

interface Making {
  readonly context: CallContext;
  readonly outcome: SetOutcome;
}

function createEmail(mail: MailTx, email: StagedEmail, { outcome }: Making): void {
  outcome.create(email.creationId, () => {
    if (mailboxIn(mail, email.mailbox) === undefined) throw invalidProperties(['mailboxIds'], 'There is no such mailbox.');
    return addStaged(mail, email);
  });
}

/** The move first: it can be refused, and then nothing else is done. */
function updateEmail(mail: MailTx, row: MessageRow, { patch, context }: { readonly patch: Json; readonly context: CallContext }): null {
  const { mailbox, add, remove } = emailPatch(patch, row, context);
  if (mailbox !== undefined) {
    if (mailboxIn(mail, mailbox) === undefined) throw invalidProperties(['mailboxIds'], 'There is no such mailbox.');
    moveMessages(mail, [row.id], mailbox, 'here');
  }
  if (add.length + remove.length > 0) changeFlags(mail, [row.id], { add, remove }, 'here');
  return null;
}

/** @throws SetProblem notFound */
function messageOf(mail: MailTx, id: string): MessageRow {
  const message = unwire.email(id);
  const row = message === undefined ? undefined : findMessage(mail.tx, message);
  if (row === undefined || row.account !== mail.account || row.flags.includes('$deleted')) throw notFoundProblem();
  return row;
}
