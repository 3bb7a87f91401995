import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { discardDraft, listIdentities, saveDraft, senderOf } from '../api/drafts.ts';
import { textOfHtml } from '../reader/text-of-html.ts';
import { usePreferences } from '../settings/use-preferences.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { DraftSaver, type SaveState } from './draft-saver.ts';
import { emailOf, isEmptyDraft, type Draft } from './draft.ts';

export interface DraftInHand {
  readonly draft: Draft;
  readonly saveState: SaveState;
  /** Reads what it is now, whenever it is called. */
  readonly current: () => Draft;
  readonly change: (change: (before: Draft) => Draft) => void;
  /** Saves it as it is now, changed or not. Gives its id. @throws what saving throws */
  readonly saveNow: () => Promise<string | undefined>;
  /** @throws what saving throws */
  readonly flush: () => Promise<string | undefined>;
  /** It belongs to the outbox now, or to nobody. */
  readonly release: () => void;
  readonly discard: () => Promise<void>;
}

/** A draft that is kept in the mailbox while it is written. */
export function useDraft(first: Draft, savedId: string | undefined): DraftInHand {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const { preferences } = usePreferences();
  const [draft, setDraft] = useState(first);
  const [saveState, setSaveState] = useState<SaveState>('nothing');
  const current = useRef(draft);
  const draftsId = useRef<string>(undefined);
  draftsId.current = tree?.byRole('drafts')?.mailbox.id ?? draftsId.current;
  const name = useRef(preferences.name);
  name.current = preferences.name;

  const saver = useMemo(
    () =>
      new DraftSaver<Draft>({
        firstId: savedId,
        onState: setSaveState,
        async save(content, previousId) {
          const place = draftsId.current;
          if (place === undefined) throw new Error('there is no mailbox for drafts');
          const [identity] = await client.fetchQuery({
            queryKey: ['identities'],
            queryFn: () => listIdentities(jmap),
            staleTime: Infinity,
          });
          const from = senderOf(identity, jmap.address, name.current);
          return saveDraft(jmap, emailOf(content, { from, draftsId: place, nowMs: Date.now(), textOfHtml }), previousId);
        },
      }),
    [],
  );
  const change = useCallback(
    (how: (before: Draft) => Draft) => {
      const next = how(current.current);
      if (next === current.current) return;
      current.current = next;
      setDraft(next);
      if (saver.id !== undefined || !isEmptyDraft(next, first)) saver.change(next);
    },
    [saver, first],
  );
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (saver.isDirty) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [saver]);

  return {
    draft,
    saveState,
    current: () => current.current,
    change,
    saveNow() {
      saver.change(current.current);
      return saver.flush();
    },
    flush: () => saver.flush(),
    release: () => saver.stop(),
    async discard() {
      saver.stop();
      await saver.flush();
      if (saver.id !== undefined) await discardDraft(jmap, saver.id);
    },
  };
}
