import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useWords } from '../words/use-words.ts';
import { untilLoaded } from './until-loaded.ts';
import { useDevice } from './use-device.ts';
import type { PostOffice, Waiting } from './post-office.ts';

export interface Post {
  /** Undefined: it is not open yet. */
  readonly office: PostOffice | undefined;
  readonly ready: () => Promise<PostOffice>;
}

const NOTHING: Waiting = { letters: [], drafts: [] };
const CHANGED_BY_POST = ['outbox', 'list', 'mailboxes', 'message', 'thread'];
const PostContext = createContext<Post>({ office: undefined, ready: () => Promise.reject(new Error('no post office around')) });

export function usePost(): Post {
  return use(PostContext);
}

/** What waits in this browser. */
export function useWaiting(): Waiting {
  const { office } = usePost();
  return useSyncExternalStore(office?.subscribe ?? nobody, () => office?.waiting ?? NOTHING);
}

/** Carries what was sent and written without a connection, from whatever window is open. */
export function PostAround({ children }: { readonly children: ReactNode }): ReactNode {
  const jmap = useJmap();
  const device = useDevice();
  const client = useQueryClient();
  const toasts = useToasts();
  const words = useWords();
  const [office, setOffice] = useState<PostOffice>();
  const opening = useRef<PromiseWithResolvers<PostOffice>>(undefined);
  opening.current ??= Promise.withResolvers<PostOffice>();
  const told = useRef({ words, toasts });
  told.current = { words, toasts };

  useEffect(() => {
    const life = { isOver: false, office: undefined as PostOffice | undefined };
    const show = (text: string): void => {
      told.current.toasts.show({ text });
      for (const key of CHANGED_BY_POST) void client.invalidateQueries({ queryKey: [key] });
    };
    const open = async (): Promise<void> => {
      const { openPostOffice } = await untilLoaded(() => import('./open-post-office.ts'));
      const made = await openPostOffice({
        jmap,
        client,
        device,
        onTaken: ({ draft }) => show(told.current.words.post.taken(draft.subject)),
        onSaved: () => show(told.current.words.post.draftSaved),
      });
      if (life.isOver) return made.close();
      life.office = made;
      opening.current?.resolve(made);
      setOffice(made);
      await made.carryAll();
    };
    open().catch((error: unknown) => opening.current?.reject(error));
    // Whoever sends before it is open is told then.
    opening.current?.promise.catch(() => undefined);
    const carry = (): void => void life.office?.carryAll();
    const warn = (event: BeforeUnloadEvent): void => {
      const { letters, drafts } = life.office?.waiting ?? NOTHING;
      if (life.office?.isKept === false && letters.length + drafts.length > 0) event.preventDefault();
    };
    addEventListener('online', carry);
    addEventListener('beforeunload', warn);
    return () => {
      life.isOver = true;
      life.office?.close();
      removeEventListener('online', carry);
      removeEventListener('beforeunload', warn);
    };
  }, [jmap, device, client]);

  const post = useMemo(() => ({ office, ready: () => opening.current?.promise ?? Promise.reject(new Error('not open')) }), [office]);
  return <PostContext value={post}>{children}</PostContext>;
}

function nobody(): () => void {
  return () => undefined;
}
