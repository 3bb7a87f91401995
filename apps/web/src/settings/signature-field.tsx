import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { isPassing } from '../api/failures.ts';
import { identitiesQuery, saveSignature, type OwnIdentity } from '../api/identities.ts';
import { htmlOfText } from '../composer/start-draft.ts';
import { failureText } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useWords } from '../words/use-words.ts';

const LONGEST = 4000;

/** The signature of the log-in's address, which the relay keeps for every program. Saved when one leaves the field, and tried until the relay has it, for as long as the window is open. */
export function SignatureField(): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const id = useId();
  const query = identitiesQuery(jmap);
  const { data: [identity] = [] } = useQuery(query);
  const [typed, setTyped] = useState<string>();
  const { mutate } = useMutation({
    // One after the other: what was typed last stays.
    scope: { id: 'signature' },
    mutationFn: (changed: OwnIdentity) => saveSignature(jmap, changed),
    retry: (_, error) => isPassing(error),
    onMutate: (changed) => client.setQueryData(query.queryKey, (before) => before?.map((one) => (one.id === changed.id ? changed : one))),
    onError: (error) => toasts.show({ text: failureText(error, words), kind: 'failed' }),
    onSettled: () => client.invalidateQueries({ queryKey: query.queryKey }),
  });
  const save = (): void => {
    if (identity === undefined || typed === undefined || typed === identity.textSignature) return;
    mutate({ ...identity, textSignature: typed, htmlSignature: typed === '' ? '' : htmlOfText(typed) });
  };
  // The dialog may be closed out of the field, which tells nobody that it was left.
  const leaving = useRef(save);
  leaving.current = save;
  useEffect(() => () => leaving.current(), []);
  return (
    <>
      <label htmlFor={`${id}-signature`}>{words.settings.signature}</label>
      <div>
        <textarea
          id={`${id}-signature`}
          rows={4}
          dir="auto"
          maxLength={LONGEST}
          aria-describedby={`${id}-hint`}
          disabled={identity === undefined}
          value={typed ?? identity?.textSignature ?? ''}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={save}
        />
        <p id={`${id}-hint`} className="hint">
          {words.settings.signatureHint}
        </p>
      </div>
    </>
  );
}
