import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { blobNotFound, discardDraft, discardStrays, saveDraft } from '../api/drafts.ts';
import { NoAnswer } from '../api/failures.ts';
import { identitiesQuery, senderOf } from '../api/identities.ts';
import type { TakenUp } from '../offline/kept-drafts.ts';
import type { KeptDraft, Letter } from '../offline/letter.ts';
import { usePost } from '../offline/post-around.tsx';
import { textOfHtml } from '../reader/text-of-html.ts';
import { usePreferences } from '../settings/use-preferences.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { hasWaitingFiles, learnFiles, withFoundFiles, withKnownFiles, type KnownFiles } from './draft-files.ts';
import { DraftKeeper } from './draft-keeper.ts';
import { DraftSaver, type SaveState } from './draft-saver.ts';
import { emailOf, isEmptyDraft, type Draft } from './draft.ts';

export interface DraftInHand {
  readonly draft: Draft;
  readonly saveState: SaveState;
  /** Reads what it is now, whenever it is called. */
  readonly current: () => Draft;
  /** What a file of it is made of; to be told changes nothing that is saved. */
  readonly learnFile: (key: string, file: Blob) => void;
  readonly change: (change: (before: Draft) => Draft) => void;
  /** Saves it no more, for it is on its way, or others save it. Gives what is in Drafts of it. */
  readonly settle: () => Promise<Pick<Letter, 'savedId' | 'laidAs'>>;
  /** It is in hand again. @param savedId what is saved of it, if that is another one now */
  readonly resume: (savedId?: string) => void;
  /** @throws what saving throws */
  readonly flush: () => Promise<string | undefined>;
  /** Files that are not up yet follow by themselves, without the window. */
  readonly leaveFiles: () => Promise<void>;
  /** As it is now it is kept in this browser, for the time without a connection. */
  readonly isKeptHere: () => boolean;
  /** Out of Drafts, too. False: that waits for a connection. */
  readonly discard: () => Promise<boolean>;
}

/** A draft that is kept in the mailbox while it is written. */
export function useDraft(
  first: Draft,
  { savedId, taken }: { readonly savedId: string | undefined; readonly taken: TakenUp | undefined },
): DraftInHand {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const { preferences } = usePreferences();
  const [draft, setDraft] = useState(first);
  const [saveState, setSaveState] = useState<SaveState>('nothing');
  const current = useRef(draft);
  const files = useRef<KnownFiles>(new Map());
  const draftsId = useRef<string>(undefined);
  draftsId.current = tree?.byRole('drafts')?.mailbox.id ?? draftsId.current;
  const name = useRef(preferences.name);
  name.current = preferences.name;

  const { office } = usePost();
  const post = useRef(office);
  post.current = office;
  // Saved by two at once one of them would take away what the other has laid.
  const turn = useRef<Promise<void>>(undefined);
  const place = (): string => {
    if (draftsId.current === undefined) throw new NoAnswer('there is no mailbox for drafts yet');
    return draftsId.current;
  };
  const asKept = (content: Draft, previousId: string | undefined): KeptDraft => ({
    id: content.messageId,
    address: jmap.address,
    draft: withKnownFiles(content, files.current),
    name: name.current,
    atMs: Date.now(),
    savedId: previousId,
    laidAs: taken?.kept.laidAs,
  });
  /** By these it may be in Drafts, more than once. */
  const messageIds = [first.messageId, ...(taken?.kept.laidAs ?? [])];
  const keeper = useMemo(
    () =>
      new DraftKeeper({
        kept: taken === undefined ? undefined : first,
        async lay(content, previousId) {
          // Without retries: the saver makes its own, and says meanwhile how it stands.
          const [identity] = await client.fetchQuery({ ...identitiesQuery(jmap), staleTime: Infinity, retry: false });
          const from = senderOf(identity, jmap.address, name.current);
          const save = (one: Draft): Promise<string> =>
            saveDraft(jmap, emailOf(one, { from, draftsId: place(), nowMs: Date.now(), textOfHtml }), {
              previousId,
              onLaid: (id) => learnFiles(jmap, { id, draft: one, known: files.current }),
            });
          const named = withKnownFiles(content, files.current);
          return save(named).catch(async (error: unknown) => {
            if (!blobNotFound(error)) throw error;
            return save(await withFoundFiles(jmap, named, previousId));
          });
        },
        tidy: (id) => discardStrays(jmap, place(), { id, messageIds }),
        async keep(content, previousId) {
          if (post.current === undefined) throw new NoAnswer('nothing can be kept here yet');
          await post.current.drafts.keep(asKept(content, previousId));
        },
        drop: async ({ messageId }) => post.current?.drafts.drop(messageId),
      }),
    [],
  );
  const saver = useMemo(
    () =>
      new DraftSaver<Draft>({
        firstId: savedId,
        onState: setSaveState,
        async save(content, previousId) {
          await turn.current;
          return keeper.save(content, previousId);
        },
      }),
    [],
  );
  useEffect(() => {
    saver.resume();
    return () => void saver.finish();
  }, [saver]);
  useEffect(() => {
    // Where there are no turns to be had, it is saved all the same.
    const holding = taken === undefined ? office?.drafts.hold(first.messageId).catch(() => undefined) : Promise.resolve(taken.hold);
    turn.current = holding?.then((hold) => hold?.held);
    const letGo = async (): Promise<void> => {
      await saver.idle();
      (await holding)?.letGo();
    };
    return () => void letGo();
  }, [office, first, saver]);
  const change = useCallback(
    (how: (before: Draft) => Draft) => {
      const next = how(current.current);
      if (next === current.current) return;
      current.current = next;
      setDraft(next);
      // To go back to how it began is a change as soon as anything else may be saved.
      if (saver.id !== undefined || saver.isDirty || !isEmptyDraft(next, first)) saver.change(next);
    },
    [saver, first],
  );
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      const isUnsaved = saver.isDirty || hasWaitingFiles(current.current);
      if (isUnsaved && !(keeper.isKept(current.current) && post.current?.isKept === true)) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [saver, keeper]);

  return {
    draft,
    saveState,
    current: () => withKnownFiles(current.current, files.current),
    change,
    learnFile: (key, file) => void files.current.set(key, { ...files.current.get(key), file }),
    async settle() {
      saver.stop();
      return { savedId: await saver.flush(), laidAs: keeper.isDoubtful ? messageIds : undefined };
    },
    resume(id) {
      saver.resume(id);
      saver.change(current.current);
    },
    async leaveFiles() {
      if (hasWaitingFiles(current.current)) await keeper.keep(current.current, saver.id);
    },
    isKeptHere: () => keeper.isKept(current.current),
    flush: () => saver.flush(),
    async discard() {
      saver.stop();
      await saver.flush();
      if (saver.id === undefined && !keeper.isDoubtful) return true;
      if (post.current !== undefined) return post.current.drafts.throwAway(asKept(current.current, saver.id));
      if (saver.id !== undefined) await discardDraft(jmap, saver.id);
      return true;
    },
  };
}
