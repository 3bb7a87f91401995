import { getArguments, OUTBOX } from '@stopgap/jmap';
import {
  findIntent,
  findKept,
  findMailbox,
  findMessage,
  findMessageView,
  listFailedIntents,
  type IntentRow,
  type Reader,
} from '@stopgap/store';
import { shownText, utcDate } from '../email/header-forms.ts';
import { found, picked, wantedIds, wantedProperties } from '../get.ts';
import { unwire, wire } from '../ids.ts';
import { method, type Json } from '../method.ts';

const PROPERTIES = ['id', 'at', 'kind', 'emailId', 'subject', 'mailboxId', 'mailbox', 'to', 'reason', 'reasonClass'] as const;
/** Without ids. */
const NEWEST = 200;

/** `UncarriedChange/get`: what was done here and could not be done at the provider, the last first. */
export const uncarriedChangeGet = method(OUTBOX, getArguments, (args, { deps, account }) => {
  const wanted = wantedProperties(args.properties, PROPERTIES);
  return deps.store.read((reader) => {
    const newest = listFailedIntents(reader, account, NEWEST).map(({ id }) => wire.change(id));
    const ofId = (text: string): Json | undefined => {
      const id = unwire.change(text);
      const row = id === undefined ? undefined : findIntent(reader, id);
      return row?.account === account && row.state === 'failed' ? changeObject(reader, row, wanted) : undefined;
    };
    return { state: newest.join('.'), ...found(wantedIds(args) ?? newest, ofId) };
  });
});

function changeObject(reader: Reader, row: IntentRow, wanted: ReadonlySet<(typeof PROPERTIES)[number]>): Json {
  const { id, work, reason, endedAtMs = row.createdAtMs } = row;
  const message = row.message === undefined ? undefined : findMessage(reader, row.message);
  const mailboxId = message?.mailbox ?? row.mailbox;
  const mailbox = mailboxId === undefined ? undefined : findMailbox(reader, mailboxId);
  return picked(wire.change(id), wanted, {
    at: () => utcDate(endedAtMs),
    kind: () => work.kind,
    // Null: it is about a mailbox, or the message is not here any more.
    emailId: () => (message === undefined ? null : wire.email(message.id)),
    subject: () => subjectOf(reader, row),
    mailboxId: () => (mailbox === undefined ? null : wire.mailbox(mailbox.id)),
    /** Where the message is now, or was; of a mailbox the name that it had. */
    mailbox: () => formerName(work) ?? mailbox?.name ?? null,
    to: () => (work.kind === 'rename-mailbox' ? work.to : work.kind === 'move' ? (findMailbox(reader, work.to)?.name ?? null) : null),
    reason: () => reason?.text ?? null,
    reasonClass: () => reason?.class ?? null,
  });
}

function subjectOf(reader: Reader, { message }: IntentRow): string | null {
  if (message === undefined) return null;
  const view = findMessageView(reader, message) ?? findKept(reader, message)?.kept.view;
  return view === undefined ? null : shownText(view.envelope.subject);
}

function formerName(work: IntentRow['work']): string | undefined {
  if (work.kind === 'rename-mailbox') return work.from;
  return work.kind === 'create-mailbox' || work.kind === 'delete-mailbox' ? work.name : undefined;
}
