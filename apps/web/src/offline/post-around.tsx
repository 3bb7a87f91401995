import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { withDeadline } from '../api/with-deadline.ts';
import { useAskAgain, useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useWords } from '../words/use-words.ts';
import { stepsOf, type Filing, type StepsOf } from './filing.ts';
import type { PostOfficeAround } from './open-post-office.ts';
import { untilLoaded } from './until-loaded.ts';
import { useDevice } from './use-device.ts';
import type { PostOffice, Waiting } from './post-office.ts';

export interface Post {
  /** Undefined: it is not open yet. */
  readonly office: PostOffice | undefined;
  readonly ready: () => Promise<PostOffice>;
}

const NOTHING: Waiting = { letters: [], drafts: [], filings: [], shownFilings: [], isHeldUp: false };
const CHANGED_BY_FILING = ['list', 'mailboxes', 'message', 'thread'];
const CHANGED_BY_POST = ['outbox', ...CHANGED_BY_FILING];
const PostContext = createContext<Post>({ office: undefined, ready: () => Promise.reject(new Error('no post office around')) });

export function usePost(): Post {
  return use(PostContext);
}

/** What waits in this browser. */
export function useWaiting(): Waiting {
  const { office } = usePost();
  return useSyncExternalStore(office?.subscribe ?? nobody, () => office?.waiting ?? NOTHING);
}

/** What was done with messages and the relay may not have told of yet. */
export function useFilings(): readonly Filing[] {
  const { office } = usePost();
  return useSyncExternalStore(office?.subscribe ?? nobody, () => (office?.waiting ?? NOTHING).shownFilings);
}

/** Of it what the relay may not have. */
export function useWaitingFilings(): readonly Filing[] {
  const { office } = usePost();
  return useSyncExternalStore(office?.subscribe ?? nobody, () => (office?.waiting ?? NOTHING).filings);
}

/** The same, by messages. */
export function useSteps(): StepsOf {
  const filings = useFilings();
  return useMemo(() => stepsOf(filings), [filings]);
}

/** Carries what was sent, written and done without a connection, from whatever window is open. */
export function PostAround({ children }: { readonly children: ReactNode }): ReactNode {
  const jmap = useJmap();
  const device = useDevice();
  const client = useQueryClient();
  const askAgain = useAskAgain();
  const toasts = useToasts();
  const words = useWords();
  const [office, setOffice] = useState<PostOffice>();
  const opening = useRef<PromiseWithResolvers<PostOffice>>(undefined);
  opening.current ??= Promise.withResolvers<PostOffice>();
  const told = useRef({ words, toasts });
  told.current = { words, toasts };

  useEffect(() => {
    const life = { isOver: false, office: undefined as PostOffice | undefined };
    const onNews: PostOfficeAround['onNews'] = (textOf, { yields } = { yields: false }) => {
      if (textOf === undefined) return askAgain.soon(CHANGED_BY_FILING);
      told.current.toasts.show({ text: textOf(told.current.words), yields });
      return askAgain.now(CHANGED_BY_POST);
    };
    const open = async (): Promise<void> => {
      const { openPostOffice } = await untilLoaded(() => import('./open-post-office.ts'));
      const made = await openPostOffice({ jmap: withDeadline(jmap), client, device, onNews });
      if (life.isOver) return made.close();
      life.office = made;
      opening.current?.resolve(made);
      setOffice(made);
      await made.carryAll();
    };
    open().catch((error: unknown) => opening.current?.reject(error));
    // Whoever sends before it is open is told then.
    opening.current?.promise.catch(() => undefined);
    const carry = (): void => life.office?.carrySoon();
    const warn = (event: BeforeUnloadEvent): void => {
      const { letters, isHeldUp } = life.office?.waiting ?? NOTHING;
      if (life.office?.isKept === false && (letters.length > 0 || life.office.drafts.isWaiting || isHeldUp)) event.preventDefault();
    };
    addEventListener('online', carry);
    addEventListener('beforeunload', warn);
    return () => {
      life.isOver = true;
      life.office?.close();
      removeEventListener('online', carry);
      removeEventListener('beforeunload', warn);
    };
  }, [jmap, device, client, askAgain]);

  const post = useMemo(() => ({ office, ready: () => opening.current?.promise ?? Promise.reject(new Error('not open')) }), [office]);
  return <PostContext value={post}>{children}</PostContext>;
}

function nobody(): () => void {
  return () => undefined;
}
