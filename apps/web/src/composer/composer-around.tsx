import { createContext, lazy, Suspense, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import type { ComposerStart } from './start-draft.ts';

const Composer = lazy(async () => ({ default: (await import('./composer.tsx')).Composer }));

export interface ComposerOpener {
  readonly open: (start: ComposerStart) => void;
}

const ComposerContext = createContext<ComposerOpener>({ open: () => undefined });

export function useComposer(): ComposerOpener {
  return use(ComposerContext);
}

interface Opened {
  readonly key: string;
  readonly start: ComposerStart;
}

/** Whatever is being written stays open wherever one goes meanwhile; one of several is in front. */
export function ComposerAround({ children }: { readonly children: ReactNode }): ReactNode {
  const [opened, setOpened] = useState<readonly Opened[]>([]);
  const [front, setFront] = useState<string>();
  const open = useCallback((start: ComposerStart) => {
    const key = keyOf(start);
    setOpened((before) => (before.some((one) => one.key === key) ? before : [...before, { key, start }]));
    setFront(key);
  }, []);
  const opener = useMemo(() => ({ open }), [open]);
  return (
    <ComposerContext value={opener}>
      {children}
      <div className="composers">
        <Suspense>
          {opened.map(({ key, start }) => (
            <Composer
              key={key}
              start={start}
              isFront={key === front}
              onFront={(isFront) => setFront(isFront ? key : undefined)}
              onClose={() => setOpened((before) => before.filter((one) => one.key !== key))}
            />
          ))}
        </Suspense>
      </div>
    </ComposerContext>
  );
}

/** What is open already comes to the front. */
function keyOf(start: ComposerStart): string {
  if (start.kind === 'kept') return `kept ${start.kept.id}`;
  return 'messageId' in start ? `${start.kind} ${start.messageId}` : crypto.randomUUID();
}
