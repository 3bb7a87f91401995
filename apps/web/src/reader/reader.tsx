import { lazy, Suspense, type ReactNode } from 'react';
import { untilLoaded } from '../offline/until-loaded.ts';
import { Empty, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import type { OpenedProps } from './opened.tsx';

/** What opens a message is not there with the first lines, but before anybody has read them. */
export const loadOpened = () => untilLoaded(() => import('./opened.tsx'));
const Opened = lazy(async () => ({ default: (await loadOpened()).Opened }));

interface ReaderProps extends Omit<OpenedProps, 'messageId'> {
  readonly messageId: string | undefined;
}

/** The pane in which one message is read, or the conversation that it belongs to. */
export function Reader({ messageId, ...opened }: ReaderProps): ReactNode {
  const words = useWords();
  return (
    <section className="reader" aria-label={words.read.title}>
      {messageId === undefined ? (
        <Empty icon="mail" text={words.read.none} />
      ) : (
        <Suspense fallback={<Loading label={words.app.loading} />}>
          <Opened messageId={messageId} {...opened} />
        </Suspense>
      )}
    </section>
  );
}
