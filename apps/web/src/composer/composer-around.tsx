import { useQueryClient } from '@tanstack/react-query';
import { createContext, lazy, Suspense, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';
import type { Message } from '../api/methods.ts';
import type { TakenUp } from '../offline/kept-drafts.ts';
import { usePost } from '../offline/post-around.tsx';
import { untilLoaded } from '../offline/until-loaded.ts';
import { failureText } from '../shell/failure-text.ts';
import { useToasts } from '../shell/toasts.tsx';
import { useWords } from '../words/use-words.ts';
import type { ComposerStart } from './start-draft.ts';

const Composer = lazy(async () => ({ default: (await untilLoaded(() => import('./composer.tsx'))).Composer }));

export interface ComposerOpener {
  readonly open: (start: ComposerStart) => void;
  /** What the post office gave to be written on, or tells why it gave nothing. */
  readonly openTaken: (taken: TakenUp | 'open' | 'gone' | undefined) => void;
  /** What this window has open comes to the front. False: it has not. @param draftId its Message-ID */
  readonly show: (draftId: string) => boolean;
}

const ComposerContext = createContext<ComposerOpener>({ open: () => undefined, openTaken: () => undefined, show: () => false });

export function useComposer(): ComposerOpener {
  return use(ComposerContext);
}

interface Opened {
  readonly key: string;
  readonly start: ComposerStart;
  /** What had the focus then, and gets it back. */
  readonly from: Element | null;
}

/** Whatever is being written stays open wherever one goes meanwhile; one of several is in front. */
export function ComposerAround({ children }: { readonly children: ReactNode }): ReactNode {
  const [opened, setOpened] = useState<readonly Opened[]>([]);
  const [front, setFront] = useState<string>();
  const left = useRef<Opened>(undefined);
  /** The Message-IDs of what is open, by its keys. */
  const draftIds = useRef(new Map<string, string>());
  const early = useRef<HTMLTextAreaElement>(null);
  const [isOpening, setIsOpening] = useState(false);
  const client = useQueryClient();
  const { office } = usePost();
  const toasts = useToasts();
  const words = useWords();
  const begin = useCallback((start: ComposerStart) => {
    const key = keyOf(start);
    const from = document.activeElement;
    setOpened((before) => (before.some((one) => one.key === key) ? before : [...before, { key, start, from }]));
    setFront(key);
    setIsOpening(!draftIds.current.has(key));
  }, []);
  const openTaken = useCallback(
    (taken: TakenUp | 'open' | 'gone' | undefined) => {
      if (taken === 'open') toasts.show({ text: words.post.isOpen, kind: 'failed' });
      else if (taken === 'gone') toasts.show({ text: words.post.isGone, kind: 'failed' });
      else if (taken === undefined) toasts.show({ text: words.post.isLeaving, kind: 'failed' });
      else begin({ kind: 'kept', taken });
    },
    [begin, toasts, words],
  );
  const show = useCallback((draftId: string) => {
    const [key] = [...draftIds.current].find(([, id]) => id === draftId) ?? [];
    if (key !== undefined) setFront(key);
    return key !== undefined;
  }, []);
  const open = useCallback(
    (start: ComposerStart) => {
      const draft = start.kind === 'draft' ? client.getQueryData<Message | null>(['message', start.messageId]) : undefined;
      // It would be written on in two windows, and could be sent from both.
      if (draft?.messageId?.some(show) === true) return;
      const letter = start.kind === 'draft' ? office?.letterWith(start.messageId) : undefined;
      if (letter === undefined) return begin(start);
      // It would leave besides.
      office
        ?.toDraft(letter.id, Date.now())
        .then((taken) => {
          if (typeof taken === 'object') toasts.show({ text: words.write.calledBack });
          openTaken(taken);
        })
        .catch((error: unknown) => toasts.show({ text: failureText(error, words), kind: 'failed' }));
    },
    [client, show, office, begin, openTaken, toasts, words],
  );
  /** The window is there, and has the focus. */
  const begun = (key: string, draftId: string): void => {
    draftIds.current.set(key, draftId);
    const typed = early.current?.value ?? '';
    setIsOpening(false);
    if (typed === '') return;
    const isOneLine = document.activeElement instanceof HTMLInputElement;
    // As if it were typed now, which React sees only when it is ready: the cursor would go to the end. What comes after an address begins another one, and is none.
    queueMicrotask(() => document.execCommand('insertText', false, isOneLine ? typed.replaceAll(/[\t\n]+/g, ', ') : typed));
  };
  const close = (closed: Opened): void => {
    draftIds.current.delete(closed.key);
    left.current = closed;
    setOpened((before) => before.filter((one) => one.key !== closed.key));
    if (!isOpening || opened.some(({ key }) => key !== closed.key && !draftIds.current.has(key))) return;
    // What it was to answer is not there; what was typed is a letter all the same.
    if (early.current?.value) begin({ kind: 'new' });
    else setIsOpening(false);
  };
  useEffect(() => {
    const from = left.current?.from;
    left.current = undefined;
    // Nothing has it: it went with the window.
    if (from instanceof HTMLElement && document.activeElement === document.body) from.focus();
  }, [opened]);
  useEffect(() => {
    // A window that was there at once has the focus already.
    if (isOpening && opened.some(({ key }) => !draftIds.current.has(key))) early.current?.focus();
  }, [isOpening, opened]);
  /** What is not there yet need not come, if nothing was typed for it; what this browser keeps is in hand already. */
  const giveUp = (): void => {
    if (early.current?.value) return early.current.blur();
    left.current = opened.at(-1);
    setOpened(opened.filter(({ key, start }) => draftIds.current.has(key) || start.kind === 'kept'));
    setIsOpening(false);
  };
  const opener = useMemo(() => ({ open, openTaken, show }), [open, openTaken, show]);
  return (
    <ComposerContext value={opener}>
      {children}
      <div className="composers">
        <Suspense>
          {opened.map((one) => (
            <Composer
              key={one.key}
              start={one.start}
              isFront={one.key === front}
              onFront={(isFront) => setFront(isFront ? one.key : undefined)}
              onClose={() => close(one)}
              onDraft={(id) => begun(one.key, id)}
            />
          ))}
        </Suspense>
        {isOpening ? <Early ref={early} onLeave={giveUp} /> : null}
      </div>
    </ComposerContext>
  );
}

/** Until a window is there: what is typed is its text, and no command. */
function Early({ ref, onLeave }: { readonly ref: Ref<HTMLTextAreaElement>; readonly onLeave: () => void }): ReactNode {
  const { app } = useWords();
  return (
    <textarea
      ref={ref}
      className="composer-early"
      aria-label={app.loading}
      placeholder={app.loading}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onLeave();
        if (event.key !== 'Tab') return;
        event.preventDefault();
        document.execCommand('insertText', false, '\t');
      }}
    />
  );
}

/** What is open already comes to the front. */
function keyOf(start: ComposerStart): string {
  if (start.kind === 'kept') return `kept ${start.taken.kept.id}`;
  return 'messageId' in start ? `${start.kind} ${start.messageId}` : crypto.randomUUID();
}
