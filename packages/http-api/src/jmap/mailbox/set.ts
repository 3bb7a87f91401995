import { z } from 'zod';
import { MAILBOX_ROLES, MAILBOX_SEPARATOR, type MailboxId, type MailboxRole } from '@stopgap/core';
import {
  createMailbox,
  deleteMailbox,
  mailboxIn,
  renameMailbox,
  setRole,
  setSortOrder,
  setSubscribed,
  type MailTx,
} from '@stopgap/mailbox';
import { MAIL, setArguments } from '@stopgap/jmap';
import { countMarked, findMailboxByRole, listMailboxesBelow, type MailboxRow } from '@stopgap/store';
import { unwire, wire } from '../ids.ts';
import { SetProblem } from '../method-error.ts';
import { method, type CallContext, type Json } from '../method.ts';
import {
  invalidProperties,
  notFoundProblem,
  resolvedId,
  setParts,
  SetOutcome,
  withoutPaths,
  withoutUnchanged,
  type SetParts,
} from '../set.ts';
import { expectState } from '../states.ts';
import { ALL_RIGHTS, mailboxObject, MailboxTree, shownName, sortOrderOf, type MailboxProperty } from './mailbox-object.ts';

/** RFC 8621 1.3.1 maxSizeMailboxName */
export const LONGEST_NAME_BYTES = 255;

/** RFC 8621 2.5. What only we can say is refused. */
const propertiesSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .refine((name) => Buffer.byteLength(name) <= LONGEST_NAME_BYTES)
    .optional(),
  parentId: z.string().nullable().optional(),
  isSubscribed: z.boolean().optional(),
  sortOrder: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullable()
    .optional(),
  role: z
    .enum(MAILBOX_ROLES as [MailboxRole, ...MailboxRole[]])
    .nullable()
    .optional(),
});
type Properties = z.infer<typeof propertiesSchema>;

/** What may become another than an update asks for: by the role, by the name, or as the name is written. */
const DEPENDENT: ReadonlySet<MailboxProperty> = new Set<MailboxProperty>(['name', 'role', 'sortOrder', 'isSubscribed', 'unreadEmails']);

const BY_ROLE: ReadonlySet<MailboxProperty> = new Set<MailboxProperty>(['role', 'sortOrder', 'unreadEmails']);

/** Those that had a role which another mailbox got, as they were. */
type Losers = Map<MailboxId, MailboxRow>;

interface InSet extends CallContext {
  readonly losers: Losers;
}

const schema = setArguments.extend({ onDestroyRemoveEmails: z.boolean().default(false) });

export const mailboxSet = method(MAIL, schema, async (args, context) => {
  const { deps, account } = context;
  const parts = setParts(args);
  const outcome = new SetOutcome(context.createdIds);
  const inSet: InSet = { ...context, createdIds: outcome.createdIds, losers: new Map() };
  const states = await deps.mailboxes.write(account, (mail) => {
    const oldState = String(mail.books.opened.modSeq);
    expectState(args.ifInState, oldState);
    for (const [creationId, object] of parentsFirst(parts.create)) outcome.create(creationId, () => createOne(mail, object, inSet));
    for (const [id, patch] of parts.update) outcome.update(id, (real) => updateOne(mail, mailboxOf(mail, real), { patch, context: inSet }));
    for (const id of childrenFirst(parts.destroy, (one) => rowOf(mail, outcome.idOf(one))?.name ?? '')) {
      outcome.destroy(id, (real) => destroyOne(mail, mailboxOf(mail, real), args.onDestroyRemoveEmails));
    }
    for (const [id, others] of changedByLoss(mail, inSet)) outcome.updateBeside(id, others);
    return { oldState, newState: String(mail.books.counters.modSeq) };
  });
  if (states.newState !== states.oldState) deps.notifyMirror(account);
  return outcome.json(states);
});

/** RFC 8620 5.3: as they are in the end, whatever else was asked of them. */
function changedByLoss(mail: MailTx, { losers, ...context }: InSet): readonly (readonly [string, Json])[] {
  const from = { tree: new MailboxTree(context), context };
  return [...losers].flatMap(([id, before]) => {
    const now = mailboxIn(mail, id);
    const others = now === undefined ? {} : othersThan(mailboxObject(before, BY_ROLE, from), mailboxObject(now, BY_ROLE, from));
    return Object.keys(others).length === 0 ? [] : [[wire.mailbox(id), others] as const];
  });
}

function othersThan(expected: Json, object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([property, value]) => value !== expected[property]));
}

function giveRole(mail: MailTx, id: MailboxId, role: MailboxRole, losers: Losers): void {
  const loser = findMailboxByRole(mail.tx, mail.account, role);
  if (loser !== undefined && !losers.has(loser.id)) losers.set(loser.id, loser);
  setRole(mail, id, role);
}

/** RFC 8620 5.3: one may lie in another of the same set, and objects have no order. A ring of them is left for who makes the first. */
function parentsFirst(create: SetParts['create']): SetParts['create'] {
  const waiting = new Map(create);
  const inOrder: (readonly [string, Json])[] = [];
  const take = (creationId: string): void => {
    const object = waiting.get(creationId);
    if (object === undefined) return;
    waiting.delete(creationId);
    const { parentId } = object;
    if (typeof parentId === 'string' && parentId.startsWith('#')) take(parentId.slice(1));
    inOrder.push([creationId, object]);
  };
  for (const [creationId] of create) take(creationId);
  return inOrder;
}

/** A mailbox and what lies in it may go in one set, in any order; the name of what lies in another is longer. */
function childrenFirst(ids: readonly string[], nameOf: (id: string) => string): readonly string[] {
  return ids.toSorted((one, other) => nameOf(other).length - nameOf(one).length);
}

function createOne(mail: MailTx, object: Json, context: InSet): Json & { readonly id: string } {
  const { name, parentId = null, isSubscribed = true, sortOrder, role } = propertiesOf(object);
  if (name === undefined) throw invalidProperties(['name'], 'A mailbox has a name.');
  if (role === 'inbox') throw invalidProperties(['role'], 'There is an inbox.');
  const row = createMailbox(mail, { name: pathOf(mail, { name, parentId }, context), isSubscribed, by: 'here' });
  // Its name may be on the list of subscriptions still.
  if (!isSubscribed) setSubscribed(mail, row.id, { isSubscribed, by: 'here' });
  if (role !== undefined && role !== null) giveRole(mail, row.id, role, context.losers);
  setSortOrder(mail, row.id, sortOrder ?? undefined);
  const made = mailboxIn(mail, row.id) ?? row;
  const omitted = { parentId: null, role: made.role ?? null, sortOrder: sortOrderOf(made), isSubscribed };
  return {
    id: wire.mailbox(row.id),
    totalEmails: 0,
    unreadEmails: 0,
    totalThreads: 0,
    unreadThreads: 0,
    myRights: ALL_RIGHTS,
    ...Object.fromEntries(Object.entries(omitted).filter(([property]) => !Object.hasOwn(object, property))),
    ...(shownName(made) === name ? {} : { name: shownName(made) }),
  };
}

/** What can be refused first: then nothing else is done. RFC 8620 5.3: returns what became different and was not asked for. */
function updateOne(mail: MailTx, row: MailboxRow, { patch, context }: { readonly patch: Json; readonly context: InSet }): Json | null {
  const from = { tree: new MailboxTree(context), context };
  const asked = propertiesOf(withoutPaths(withoutUnchanged(patch, unsettableOf(row, from))));
  const { name, parentId, isSubscribed, sortOrder, role } = asked;
  const isOtherRole = role !== undefined && role !== (row.role ?? null);
  if (isOtherRole && (row.role === 'inbox' || role === 'inbox')) throw invalidProperties(['role'], 'The inbox stays what it is.');
  if (name !== undefined || parentId !== undefined) {
    const above = row.name.lastIndexOf(MAILBOX_SEPARATOR);
    const before = above < 0 ? '' : row.name.slice(0, above + 1);
    const last = name === undefined || name === shownName(row) ? row.name.slice(above + 1) : partOf(name);
    const path = parentId === undefined ? `${before}${last}` : pathOf(mail, { name: last, parentId }, context);
    if (path.startsWith(`${row.name}${MAILBOX_SEPARATOR}`)) throw invalidProperties(['parentId'], 'A mailbox can not go into itself.');
    renameMailbox(mail, row.id, { name: path, by: 'here' });
  }
  if (isSubscribed !== undefined) setSubscribed(mail, row.id, { isSubscribed, by: 'here' });
  if (isOtherRole) {
    if (role === null) setRole(mail, row.id, undefined);
    else giveRole(mail, row.id, role, context.losers);
  }
  const changed = mailboxIn(mail, row.id) ?? row;
  if (sortOrder !== undefined && sortOrder !== sortOrderOf(changed)) setSortOrder(mail, row.id, sortOrder ?? undefined);
  const expected: Json = { ...mailboxObject(row, DEPENDENT, from), ...asked };
  const others = othersThan(expected, mailboxObject(mailboxIn(mail, row.id) ?? row, DEPENDENT, from));
  return Object.keys(others).length === 0 ? null : others;
}

/** What only we can say, as Mailbox/get tells it. */
function unsettableOf(row: MailboxRow, from: Parameters<typeof mailboxObject>[2]) {
  const names = ['id', 'totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads', 'myRights'] as const;
  const of = (name: (typeof names)[number]) => () => mailboxObject(row, new Set([name]), from)[name];
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function destroyOne(mail: MailTx, row: MailboxRow, removesEmails: boolean): void {
  if (listMailboxesBelow(mail.tx, mail.account, row.name).length > 0) throw new SetProblem('mailboxHasChild');
  if (hasEmails(mail, row) && !removesEmails) throw new SetProblem('mailboxHasEmail');
  deleteMailbox(mail, row.id, 'here');
}

/** What is marked as deleted is in its count, and is not there for JMAP (RFC 8621 4.1.1). */
function hasEmails(mail: MailTx, { id, total }: MailboxRow): boolean {
  return total > countMarked(mail.tx, id).total;
}

function propertiesOf(object: Json): Properties {
  const parsed = propertiesSchema.safeParse(object);
  if (parsed.success) return parsed.data;
  const names = Object.keys(object).filter(
    (name) => !Object.hasOwn(propertiesSchema.shape, name) || !propertiesSchema.safeParse({ [name]: object[name] }).success,
  );
  throw invalidProperties(names, 'These can not be set so.');
}

/** @throws SetProblem invalidProperties */
function pathOf(
  mail: MailTx,
  { name, parentId }: { readonly name: string; readonly parentId: string | null },
  context: CallContext,
): string {
  if (parentId === null) return partOf(name);
  const id = unwire.mailbox(resolvedId(parentId, context));
  const parent = id === undefined ? undefined : mailboxIn(mail, id);
  if (parent === undefined) throw invalidProperties(['parentId'], 'There is no such mailbox.');
  return `${parent.name}${MAILBOX_SEPARATOR}${partOf(name)}`;
}

function partOf(name: string): string {
  if (name.includes(MAILBOX_SEPARATOR)) throw invalidProperties(['name'], `A name has no ${MAILBOX_SEPARATOR}.`);
  return name.normalize('NFC');
}

function mailboxOf(mail: MailTx, id: string): MailboxRow {
  const row = rowOf(mail, id);
  if (row === undefined) throw notFoundProblem();
  return row;
}

function rowOf(mail: MailTx, id: string): MailboxRow | undefined {
  const mailbox = unwire.mailbox(id);
  return mailbox === undefined ? undefined : mailboxIn(mail, mailbox);
}
