import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { blobNotFound, discardDraft, findDrafts, listIdentities, saveDraft, senderOf } from '../api/drafts.ts';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { usePost } from '../offline/post-around.tsx';
import { textOfHtml } from '../reader/text-of-html.ts';
import { usePreferences } from '../settings/use-preferences.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { hasWaitingFiles, withFoundFiles } from './draft-files.ts';
import { DraftSaver, type SaveState } from './draft-saver.ts';
import { emailOf, isEmptyDraft, type Draft } from './draft.ts';

export interface DraftInHand {
  readonly draft: Draft;
  readonly saveState: SaveState;
  /** Reads what it is now, whenever it is called. */
  readonly current: () => Draft;
  readonly change: (change: (before: Draft) => Draft) => void;
  /** Saves it no more, for it is on its way. Gives the id of what was saved. */
  readonly settle: () => Promise<string | undefined>;
  /** It is on its way no more; this is what is saved of it. */
  readonly adopt: (savedId: string | undefined) => void;
  /** @throws what saving throws */
  readonly flush: () => Promise<string | undefined>;
  /** Files that are not up yet follow by themselves, without the window. */
  readonly leaveFiles: () => Promise<void>;
  /** It is kept in this browser, for the time without a connection. */
  readonly isKeptHere: () => boolean;
  readonly discard: () => Promise<void>;
}

/** A draft that is kept in the mailbox while it is written. */
export function useDraft(
  first: Draft,
  { savedId, wasKept }: { readonly savedId: string | undefined; readonly wasKept: boolean },
): DraftInHand {
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

  const { office } = usePost();
  const post = useRef(office);
  post.current = office;
  // It could not be saved at the relay: what was tried may lie there all the same.
  const isDoubtful = useRef(wasKept);
  const isKept = useRef(wasKept);

  const saveAtRelay = async (content: Draft, previousId: string | undefined): Promise<string> => {
    const place = draftsId.current;
    if (place === undefined) throw new NoAnswer('there is no mailbox for drafts yet');
    // Without retries: the saver makes its own, and says meanwhile how it stands.
    const [identity] = await client.fetchQuery({
      queryKey: ['identities'],
      queryFn: () => listIdentities(jmap),
      staleTime: Infinity,
      retry: false,
    });
    const from = senderOf(identity, jmap.address, name.current);
    const strays = isDoubtful.current ? await findDrafts(jmap, place, content.messageId) : [];
    const save = (draft: Draft): Promise<string> =>
      saveDraft(jmap, emailOf(draft, { from, draftsId: place, nowMs: Date.now(), textOfHtml }), previousId);
    const id = await save(content).catch(async (error: unknown) => {
      if (!blobNotFound(error)) throw error;
      return save(await withFoundFiles(jmap, content, previousId));
    });
    for (const stray of strays) if (stray !== previousId) await discardDraft(jmap, stray);
    isDoubtful.current = false;
    return id;
  };
  const saver = useMemo(
    () =>
      new DraftSaver<Draft>({
        firstId: savedId,
        onState: setSaveState,
        async save(content, previousId) {
          try {
            const id = await saveAtRelay(content, previousId);
            isKept.current = false;
            await post.current?.dropDraft(content.messageId);
            return id;
          } catch (error) {
            if (error instanceof MethodFailure) throw error;
            isDoubtful.current = true;
            const kept = { id: content.messageId, address: jmap.address, draft: content, name: name.current, atMs: Date.now() };
            await post.current?.keepDraft({ ...kept, savedId: previousId });
            isKept.current = post.current !== undefined;
            throw error;
          }
        },
      }),
    [],
  );
  useEffect(() => office?.holdDraft(first.messageId), [office, first]);
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
      if (saver.isDirty && !(isKept.current && post.current?.isKept === true)) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [saver]);

  return {
    draft,
    saveState,
    current: () => current.current,
    change,
    async settle() {
      saver.stop();
      return saver.flush();
    },
    adopt(id) {
      saver.adopt(id);
      saver.change(current.current);
    },
    async leaveFiles() {
      if (!hasWaitingFiles(current.current)) return;
      const kept = { id: first.messageId, address: jmap.address, draft: current.current, name: name.current, atMs: Date.now() };
      await post.current?.keepDraft({ ...kept, savedId: saver.id });
    },
    isKeptHere: () => isKept.current,
    flush: () => saver.flush(),
    async discard() {
      saver.stop();
      await saver.flush();
      await post.current?.dropDraft(first.messageId);
      if (saver.id !== undefined) await discardDraft(jmap, saver.id);
    },
  };
}
