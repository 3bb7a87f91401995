import { queryOptions } from '@tanstack/react-query';
import { allDone, type Jmap } from './jmap.ts';
import type { EmailAddress } from './methods.ts';
import { withDeadline } from './with-deadline.ts';

export interface OwnIdentity {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Undefined: an answer that was kept by a build from before signatures. */
  readonly textSignature?: string;
  readonly htmlSignature?: string;
}

export type IdentityChange = Partial<Omit<OwnIdentity, 'id' | 'email'>>;

/** Whom one may write as; the one of the log-in first. They stay at hand: a letter may be begun when there is no connection. */
export function identitiesQuery(jmap: Jmap) {
  return queryOptions({
    queryKey: ['identities'],
    queryFn: () => listIdentities(withDeadline(jmap)),
    gcTime: Infinity,
    refetchInterval: false,
  });
}

async function listIdentities(jmap: Jmap): Promise<readonly OwnIdentity[]> {
  const { list } = await jmap.call('Identity/get', { accountId: jmap.accountId, ids: null });
  const isMain = ({ email }: OwnIdentity): number => (email.toLowerCase() === jmap.address.toLowerCase() ? 0 : 1);
  return list.toSorted((one, other) => isMain(one) - isMain(other));
}

/** RFC 8621 6.3 */
export async function saveIdentity(jmap: Jmap, id: string, change: IdentityChange): Promise<void> {
  allDone(await jmap.call('Identity/set', { accountId: jmap.accountId, update: { [id]: change } }));
}

export function senderOf(identity: OwnIdentity | undefined, address: string, name: string): EmailAddress {
  const shown = name !== '' ? name : (identity?.name ?? '');
  return { name: shown === '' ? null : shown, email: identity?.email ?? address };
}
