import { useQuery } from '@tanstack/react-query';
import { identitiesQuery } from '../api/identities.ts';
import { useJmap } from '../shell/mail-session.tsx';

/** As recipients see it; empty: the address alone, or not known yet. */
export function useOwnName(): string {
  const { data: [identity] = [] } = useQuery(identitiesQuery(useJmap()));
  return identity?.name ?? '';
}
