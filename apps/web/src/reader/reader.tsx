import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, type ReactNode } from 'react';
import { findMessage } from '../api/mail.ts';
import { useMessageActions } from '../list/use-message-actions.ts';
import type { Commands } from '../shell/mail-view.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { Empty, Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { MessageView } from './message-view.tsx';

/** The pane in which one message is read. */
export function Reader({ messageId, commands }: { readonly messageId: string | undefined; readonly commands: Commands }): ReactNode {
  const words = useWords();
  return (
    <section className="reader" aria-label={words.read.title}>
      {messageId === undefined ? (
        <Empty icon="mail" text={words.read.none} />
      ) : (
        <Opened key={messageId} id={messageId} commands={commands} />
      )}
    </section>
  );
}

function Opened({ id, commands }: { readonly id: string; readonly commands: Commands }): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const { setKeyword } = useMessageActions();
  const { data, isError, refetch } = useQuery({
    queryKey: ['message', id],
    // A query has no way to say "undefined".
    queryFn: async ({ signal }) => (await findMessage(jmap, id, signal)) ?? null,
    staleTime: 60_000,
  });
  const isUnread = data !== undefined && data !== null && !Object.hasOwn(data.keywords, '$seen');
  const isLoaded = data !== undefined;
  const markRead = useEffectEvent(() => {
    if (isUnread) void setKeyword([id], '$seen', true);
  });
  // Once, when it opens: who marks it as unread afterwards means it.
  useEffect(() => {
    if (isLoaded) markRead();
  }, [isLoaded]);
  if (isError && data === undefined) return <Failed text={words.read.failed} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading label={words.app.loading} />;
  if (data === null) return <Empty icon="mail" text={words.read.gone} />;
  return <MessageView message={data} commands={commands} />;
}
