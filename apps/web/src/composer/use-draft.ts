import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { NoAnswer } from '../api/failures.ts';
import { identitiesQuery, senderOf } from '../api/identities.ts';
import { orAborted } from '../api/or-aborted.ts';
import { withDeadline } from '../api/with-deadline.ts';
import type { Keep, TakenUp } from '../offline/kept-drafts.ts';
import type { KeptDraft, Letter } from '../offline/letter.ts';
import { usePost } from '../offline/post-around.tsx';
import { textOfHtml } from '../reader/text-of-html.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { digestOf } from './draft-digest.ts';
import { hasWaitingFiles, learnFiles, withKnownFiles, type KnownFiles } from './draft-files.ts';
import { DraftKeeper } from './draft-keeper.ts';
import { DraftSaver, type SaveState } from './draft-saver.ts';
import { isEmptyDraft, type Draft } from './draft.ts';
import { discardStrays } from './laid-drafts.ts';
import { layDraft } from './lay-draft.ts';
import { useOwnName } from './use-own-name.ts';

/** So long a person waits for what only makes the next thing easier: for who lays the draft into Drafts, for an answer. */
const PATIENCE_MS = 5000;
/** Saves without an answer whose texts are known again; what was laid of an older one stays in Drafts. */
const MOST_DIGESTS = 200;

export interface DraftInHand {
  readonly draft: Draft;
  readonly saveState: SaveState;
  /** Reads what it is now, whenever it is called. */
  readonly current: () => Draft;
  /** What a file of it is made of; to be told changes nothing that is saved. */
  readonly learnFile: (key: string, file: Blob) => void;
  readonly change: (change: (before: Draft) => Draft) => void;
  /** Saves it no more, for it is on its way, or others save it. Gives what is in Drafts of it. */
  readonly settle: () => Promise<Pick<Letter, 'savedId' | 'laidAs' | 'digests'>>;
  /** It is in hand again, and kept here if that is possible. @param letter that was made of it, and what is in Drafts of that */
  readonly resume: (letter?: Letter, how?: Keep) => Promise<void>;
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
  const [draft, setDraft] = useState(first);
  const [saveState, setSaveState] = useState<SaveState>('nothing');
  const current = useRef(draft);
  const files = useRef<KnownFiles>(new Map());
  /** Of what may be in Drafts of it, besides what is known to be. */
  const digests = useRef(new Set(taken?.kept.digests));
  /** By these, besides its own Message-ID, more of it may be in Drafts. */
  const laidAs = useRef(new Set(taken?.kept.laidAs));
  const draftsId = useRef<string>(undefined);
  draftsId.current = tree?.byRole('drafts')?.mailbox.id ?? draftsId.current;
  const name = useRef('');
  name.current = useOwnName();

  const { office, ready } = usePost();
  const post = useRef(office);
  post.current = office;
  // Saved by two at once one of them would take away what the other has laid.
  const turn = useRef<Promise<void>>(Promise.resolve());
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
    laidAs: [...laidAs.current],
    digests: [...digests.current],
  });
  const messageIds = (): readonly string[] => [first.messageId, ...laidAs.current];
  const keeper = useMemo(
    () =>
      new DraftKeeper({
        latest: () => current.current,
        kept: taken === undefined ? undefined : first,
        async lay(content, previousId, cut) {
          await orAborted(turn.current, cut);
          const hurried = withDeadline(jmap, cut);
          // Without retries: the saver makes its own, and says meanwhile how it stands.
          const identities = client.fetchQuery({ ...identitiesQuery(jmap), staleTime: Infinity, retry: false });
          const [identity] = await orAborted(identities, cut);
          const from = senderOf(identity, jmap.address, name.current);
          return layDraft(hurried, withKnownFiles(content, files.current), {
            place: { from, draftsId: place(), nowMs: Date.now(), textOfHtml },
            savedId: previousId,
            laid: { messageIds: messageIds(), digests: [...digests.current] },
            previousId,
            async onLaid(id, laid) {
              await learnFiles(hurried, { id, draft: laid, known: files.current });
              await post.current?.late.follow(previousId, id);
            },
          });
        },
        tidy: (id, cut) => discardStrays(withDeadline(jmap, cut), place(), { id, messageIds: messageIds(), digests: [...digests.current] }),
        async keep(content, previousId, how = post.current?.drafts.keep) {
          if (how === undefined) throw new NoAnswer('nothing can be kept here yet');
          await how(asKept(content, previousId));
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
        async save(content, previousId, cut) {
          const forget = remember(digests.current, await digestOf(withKnownFiles(content, files.current)));
          const id = await keeper.save(content, previousId, cut);
          forget();
          // What has got no answer may get there later still, and after this window.
          await post.current?.late.note(asKept(content, id), id);
          return id;
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
    turn.current = holding?.then((hold) => hold?.held) ?? Promise.resolve();
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
    const isUnsaved = (): boolean => saver.isDirty || hasWaitingFiles(current.current);
    const warn = (event: BeforeUnloadEvent): void => {
      if (isUnsaved() && !(keeper.isKept && post.current?.isKept === true)) event.preventDefault();
    };
    // A phone may end the window at any time from then on, and says nothing.
    const hide = (): void => {
      if (document.visibilityState !== 'hidden' || saver.isStopped || !isUnsaved()) return;
      keeper.keep(saver.id).catch(() => undefined);
      saver.flush().catch(() => undefined);
    };
    addEventListener('beforeunload', warn);
    document.addEventListener('visibilitychange', hide);
    return () => {
      removeEventListener('beforeunload', warn);
      document.removeEventListener('visibilitychange', hide);
    };
  }, [saver, keeper]);
  /** From now on nothing of it is laid into Drafts from here, nor by who did so when it was taken up: it is over, or has been waited for long enough. */
  const stop = async (): Promise<void> => {
    saver.stop();
    await Promise.all([saver.flush(PATIENCE_MS), inTime(turn.current).catch(() => undefined)]);
  };

  return {
    draft,
    saveState,
    current: () => withKnownFiles(current.current, files.current),
    change,
    learnFile: (key, file) => void files.current.set(key, { ...files.current.get(key), file }),
    async settle() {
      await stop();
      return {
        savedId: saver.id,
        laidAs: keeper.isDoubtful || laidAs.current.size > 0 || digests.current.size > 0 ? messageIds() : undefined,
        digests: [...digests.current],
      };
    },
    async resume(letter, how) {
      // Laid twice, what was begun first may come last.
      if (letter?.laidAs !== undefined) {
        for (const id of letter.laidAs) laidAs.current.add(id);
        remember(digests.current, await digestOf(letter.draft));
      }
      keeper.doubt();
      saver.resume(letter?.emailId);
      saver.change(current.current);
      await keeper.keep(saver.id, how).catch(() => undefined);
    },
    async leaveFiles() {
      if (hasWaitingFiles(current.current)) await keeper.keep(saver.id);
    },
    isKeptHere: () => keeper.isKept,
    flush: () => saver.flush(PATIENCE_MS),
    async discard() {
      await stop();
      if (saver.id === undefined && !keeper.isDoubtful) return true;
      return (await inTime(ready())).drafts.throwAway(asKept(current.current, saver.id), saver.isCut);
    },
  };
}

/** Gives what forgets it again, when the answer has come: unless it was there before, of another laying that has got none. */
function remember(digests: Set<string>, digest: string): () => void {
  if (digests.has(digest)) return () => undefined;
  const [oldest] = digests;
  if (digests.size >= MOST_DIGESTS && oldest !== undefined) digests.delete(oldest);
  digests.add(digest);
  return () => void digests.delete(digest);
}

/** @throws NoAnswer */
function inTime<Result>(promise: Promise<Result>): Promise<Result> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new NoAnswer('waited for long enough')), PATIENCE_MS);
  return orAborted(promise, late.signal).finally(() => clearTimeout(timer));
}
