import { useCallback, useEffect, useEffectEvent, useState, type ReactNode } from 'react';
import { untilLoaded } from '../offline/until-loaded.ts';
import { useAhead } from '../shell/mail-session.tsx';
import { Empty, Loading } from '../shell/states.tsx';
import { WhenQuiet } from '../shell/when-quiet.tsx';
import { useWords } from '../words/use-words.ts';
import type { OpenedProps } from './opened.tsx';

/** What opens a message is not there with the first lines, but before anybody has read them. */
export const loadOpened = () => untilLoaded(() => import('./opened.tsx'));

interface ReaderProps extends Omit<OpenedProps, 'messageId'> {
  readonly messageId: string | undefined;
}

/** The pane in which one message is read, or the conversation that it belongs to. */
export function Reader({ messageId, ...opened }: ReaderProps): ReactNode {
  const words = useWords();
  // Not by React's `lazy`: it shows that it waits for 300 ms at least, though the piece be there.
  const [loaded, setLoaded] = useState<Awaited<ReturnType<typeof loadOpened>>>();
  const load = useCallback(() => void loadOpened().then(setLoaded), []);
  const isWanted = messageId !== undefined;
  useEffect(() => {
    if (isWanted) load();
  }, [isWanted, load]);
  const ahead = useAhead();
  const { neighbours, scope } = opened;
  const lookAhead = useEffectEvent(() => ahead.near({ lines: neighbours, withConversations: scope !== undefined }));
  const isIdle = loaded !== undefined && !isWanted;
  useEffect(() => {
    if (isIdle) lookAhead();
  }, [isIdle, neighbours[0]?.id]);
  return (
    <section className="reader" aria-label={words.read.title}>
      {messageId === undefined ? (
        <Empty icon="mail" text={words.read.none} />
      ) : loaded === undefined ? (
        <Loading label={words.app.loading} />
      ) : (
        <loaded.Opened messageId={messageId} {...opened} />
      )}
      <WhenQuiet act={load} />
    </section>
  );
}
