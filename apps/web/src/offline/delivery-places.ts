import type { QueryClient } from '@tanstack/react-query';
import { MethodFailure } from '../api/failures.ts';
import { identitiesQuery, type OwnIdentity } from '../api/identities.ts';
import type { Jmap } from '../api/jmap.ts';
import { listMailboxes } from '../api/mailboxes.ts';
import { isRefusal } from '../api/refusals.ts';

export interface DeliveryPlaces {
  readonly draftsId: string;
  readonly sentId: string | undefined;
  readonly identity: OwnIdentity;
}

/** As they were last told. @param isAnew as the relay tells them now */
export type FindPlaces = (isAnew?: boolean) => Promise<DeliveryPlaces>;

export async function findPlaces(jmap: Jmap, client: QueryClient, isAnew: boolean): Promise<DeliveryPlaces> {
  const staleTime = isAnew ? 0 : Infinity;
  const mailboxes = await client.fetchQuery({ queryKey: ['mailboxes'], queryFn: () => listMailboxes(jmap), retry: false, staleTime });
  const [identity] = await client.ensureQueryData({ ...identitiesQuery(jmap), retry: false });
  const byRole = (role: string): string | undefined => mailboxes.find((one) => one.role === role)?.id;
  const draftsId = byRole('drafts');
  if (identity === undefined || draftsId === undefined) throw new MethodFailure('serverUnavailable', '');
  return { draftsId, sentId: byRole('sent'), identity };
}

/** A mailbox that was made anew at the provider has another id: what is refused as it is not there is laid once more, where it is now. */
export async function inDrafts<Result>(places: FindPlaces, lay: (places: DeliveryPlaces) => Promise<Result>): Promise<Result> {
  const told = await places();
  try {
    return await lay(told);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const now = await places(true);
    if (now.draftsId === told.draftsId) throw error;
    return lay(now);
  }
}
