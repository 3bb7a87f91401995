import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { isPassing } from '../api/failures.ts';
import { identitiesQuery, saveIdentity, type IdentityChange, type OwnIdentity } from '../api/identities.ts';
import { failureText } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useWords } from '../words/use-words.ts';

export interface IdentityText {
  readonly isKnown: boolean;
  readonly value: string;
  readonly type: (text: string) => void;
  readonly save: () => void;
}

/**
 * A text of the identity of the log-in's address, which the relay keeps for every program. Saved when one leaves its field, and tried until the relay has it,
 * for as long as the window is open.
 */
export function useIdentityText(
  read: (identity: OwnIdentity) => string | undefined,
  changed: (text: string) => IdentityChange,
): IdentityText {
  const words = useWords();
  const jmap = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const query = identitiesQuery(jmap);
  const { data: [identity] = [] } = useQuery(query);
  const [typed, setTyped] = useState<string>();
  const { mutate } = useMutation({
    // One after the other: what was typed last stays.
    scope: { id: 'identity' },
    mutationFn: ({ id, change }: { readonly id: string; readonly change: IdentityChange }) => saveIdentity(jmap, id, change),
    retry: (_, error) => isPassing(error),
    onMutate: ({ id, change }) =>
      client.setQueryData(query.queryKey, (before) => before?.map((one) => (one.id === id ? { ...one, ...change } : one))),
    onError: (error) => toasts.show({ text: failureText(error, words), kind: 'failed' }),
    onSettled: () => client.invalidateQueries({ queryKey: query.queryKey }),
  });
  const save = (): void => {
    if (identity !== undefined && typed !== undefined && typed !== read(identity)) mutate({ id: identity.id, change: changed(typed) });
  };
  // The dialog may be closed out of the field, which tells nobody that it was left.
  const leaving = useRef(save);
  leaving.current = save;
  useEffect(() => () => leaving.current(), []);
  return {
    isKnown: identity !== undefined,
    value: typed ?? (identity === undefined ? undefined : read(identity)) ?? '',
    type: setTyped,
    save,
  };
}
