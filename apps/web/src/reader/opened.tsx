import { useEffect, useEffectEvent, useRef, type ReactNode } from 'react';
import { isAlone, type Line } from '../api/lists.ts';
import type { ListScope } from '../list/line-state.ts';
import type { Commands } from '../shell/mail-view.tsx';
import { useAhead } from '../shell/mail-session.tsx';
import { Empty, Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { NOTHING_WANTED } from './ahead.ts';
import { ConversationView } from './conversation-view.tsx';
import { MessageView } from './message-view.tsx';
import { useMessage, useReadMark } from './use-message.ts';
import { useThread } from './use-thread.ts';

export interface OpenedProps {
  readonly messageId: string;
  readonly commands: Commands;
  /** Given: whole conversations are read, as seen from there. */
  readonly scope?: ListScope;
  /** Its line in the list, if that is there, so that nothing is asked for twice, or one after the other. */
  readonly listed: Line | undefined;
  /** What will be opened next, likely. */
  readonly neighbours: readonly Line[];
}

/** One message, or the conversation that it belongs to. */
export function Opened({ messageId, commands, scope, listed, neighbours }: OpenedProps): ReactNode {
  const ahead = useAhead();
  const isThere = useMessage(messageId).message !== undefined;
  const lookAhead = useEffectEvent(() => ahead.near({ lines: neighbours, withConversations: scope !== undefined }));
  useEffect(() => {
    // First this one is to be seen.
    if (isThere) setTimeout(lookAhead);
    else ahead.near(NOTHING_WANTED);
  }, [isThere, messageId, ahead]);
  return scope === undefined ? (
    <OneMessage key={messageId} id={messageId} commands={commands} />
  ) : (
    <OneConversation id={messageId} commands={commands} scope={scope} listed={listed} />
  );
}

interface OneMessageProps {
  readonly id: string;
  readonly commands: Commands;
}

function OneMessage({ id, commands }: OneMessageProps): ReactNode {
  const words = useWords();
  const { message, isFailed, retry } = useMessage(id);
  useReadMark(message);
  if (isFailed) return <Failed text={words.read.failed} onRetry={retry} />;
  if (message === undefined) return <Loading label={words.app.loading} />;
  if (message === null) return <Empty icon="mail" text={words.read.gone} />;
  return <MessageView message={message} commands={commands} />;
}

interface OneConversationProps extends OneMessageProps {
  readonly scope: ListScope;
  readonly listed: Line | undefined;
}

function OneConversation({ id, commands, scope, listed }: OneConversationProps): ReactNode {
  const words = useWords();
  const { message, isFailed, retry } = useMessage(id);
  // While another message of it is loaded, the conversation stays.
  const last = useRef('');
  const likely = message?.threadId ?? listed?.threadId ?? last.current;
  const alone = listed !== undefined && isAlone(listed) ? listed : undefined;
  const others = useThread(alone === undefined ? likely : '');
  const members = alone === undefined ? others : [message ?? alone];
  const threadId = message?.threadId ?? (members?.some((one) => one.id === id) === true ? likely : undefined);
  last.current = threadId ?? last.current;
  if (isFailed) return <Failed text={words.read.failed} onRetry={retry} />;
  if (message === null) return <Empty icon="mail" text={words.read.gone} />;
  // The message need not wait for the others of its conversation.
  const known = members?.some((one) => one.id === id) === true ? members : message === undefined ? undefined : [message];
  if (threadId === undefined || known === undefined) return <Loading label={words.app.loading} />;
  return <ConversationView key={threadId} members={known} isWhole={known === members} currentId={id} commands={commands} scope={scope} />;
}
