import { createHash } from 'node:crypto';
import { z } from 'zod';
import { changesArguments, getArguments, setArguments, SUBMISSION } from '@stopgap/jmap';
import { listIdentities, putIdentity, type Reader } from '@stopgap/store';
import { found, picked, wantedIds, wantedProperties } from '../get.ts';
import { wire } from '../ids.ts';
import { MethodError, SetProblem } from '../method-error.ts';
import { method, type CallContext, type Json } from '../method.ts';
import { invalidProperties, notFoundProblem, setParts, SetOutcome, withoutPaths, withoutUnchanged } from '../set.ts';
import { expectState } from '../states.ts';

/** RFC 8621 6: one for each address that the account may send as. */
const PROPERTIES = ['id', 'name', 'email', 'replyTo', 'bcc', 'textSignature', 'htmlSignature', 'mayDelete'] as const;

const addresses = z
  .array(z.strictObject({ name: z.string().max(500).nullish(), email: z.string().max(500) }))
  .max(50)
  .nullable();
/** RFC 8620 5.3: null is the default, which is no text. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .nullable()
    .transform((value) => value ?? '')
    .optional();
const settable = z.strictObject({
  name: text(500),
  replyTo: addresses.optional(),
  bcc: addresses.optional(),
  textSignature: text(50_000),
  htmlSignature: text(200_000),
});

export interface JmapIdentity {
  readonly id: string;
  readonly address: string;
  readonly properties: z.infer<typeof settable>;
}

type Whose = Pick<CallContext, 'account' | 'person'>;

export function identitiesOf(context: Whose & Pick<CallContext, 'deps'>): readonly JmapIdentity[] {
  return context.deps.store.read((reader) => identitiesIn(reader, context));
}

function identitiesIn(reader: Reader, { account, person }: Whose): readonly JmapIdentity[] {
  const set = listIdentities(reader, account);
  return person.addresses.map((address) => {
    const stored = set.get(address.toLowerCase());
    const properties = { name: person.name, ...(stored === undefined ? {} : settable.parse(JSON.parse(stored))) };
    return { id: wire.identity(address), address, properties };
  });
}

function stateOf(identities: readonly JmapIdentity[]): string {
  return createHash('sha256').update(JSON.stringify(identities)).digest('base64url').slice(0, 16);
}

export const identityGet = method(SUBMISSION, getArguments, (args, context) => {
  const wanted = wantedProperties(args.properties, PROPERTIES);
  const identities = identitiesOf(context);
  const ids = wantedIds(args);
  const { list, notFound } =
    ids === undefined ? { list: identities, notFound: [] } : found(ids, (id) => identities.find((identity) => identity.id === id));
  return {
    state: stateOf(identities),
    list: list.map((identity) =>
      picked(identity.id, wanted, {
        name: () => identity.properties.name ?? '',
        email: () => identity.address,
        replyTo: () => identity.properties.replyTo ?? null,
        bcc: () => identity.properties.bcc ?? null,
        textSignature: () => identity.properties.textSignature ?? '',
        htmlSignature: () => identity.properties.htmlSignature ?? '',
        mayDelete: () => false,
      }),
    ),
    notFound,
  };
});

/** RFC 8621 6.2. Older states are not remembered. */
export const identityChanges = method(SUBMISSION, changesArguments, ({ sinceState }, context) => {
  if (sinceState !== stateOf(identitiesOf(context))) throw new MethodError('cannotCalculateChanges');
  return { oldState: sinceState, newState: sinceState, hasMoreChanges: false, created: [], updated: [], destroyed: [] };
});

/** RFC 8621 6.3. Which addresses there are is the operator's to say. */
export const identitySet = method(SUBMISSION, setArguments, async (args, context) => {
  const { deps, account } = context;
  const parts = setParts(args);
  const outcome = new SetOutcome(context.createdIds);
  for (const [creationId] of parts.create)
    outcome.refuse('created', creationId, new SetProblem('forbiddenFrom', 'Only its operator adds an address.'));
  const states = await deps.store.write((tx) => {
    const before = identitiesIn(tx, context);
    const oldState = stateOf(before);
    expectState(args.ifInState, oldState);
    for (const id of parts.destroy) {
      const isThere = before.some((identity) => identity.id === id);
      outcome.refuse('destroyed', id, isThere ? new SetProblem('forbidden', 'Only its operator removes an address.') : notFoundProblem());
    }
    for (const [id, patch] of parts.update) {
      outcome.update(id, () => {
        const identity = before.find((one) => one.id === id);
        if (identity === undefined) throw notFoundProblem();
        putIdentity(
          tx,
          account,
          identity.address.toLowerCase(),
          JSON.stringify(changed(identity, withoutPaths(withoutUnchanged(patch, unsettableOf(identity))))),
        );
        return null;
      });
    }
    return { oldState, newState: stateOf(identitiesIn(tx, context)) };
  });
  return outcome.json(states);
});

function unsettableOf({ id, address }: JmapIdentity) {
  return { id: () => id, email: () => address, mayDelete: () => false };
}

function changed({ properties }: JmapIdentity, patch: Json): Json {
  const parsed = settable.safeParse(patch);
  if (parsed.success) return { ...properties, ...parsed.data };
  const names = Object.keys(patch).filter(
    (name) => !Object.hasOwn(settable.shape, name) || !settable.safeParse({ [name]: patch[name] }).success,
  );
  throw invalidProperties(names, 'These can not be set so.');
}
