import { useRef, type ReactNode } from 'react';
import type { ListScope } from '../list/line-state.ts';
import type { Commands } from '../shell/mail-view.tsx';
import { Empty, Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { ConversationView } from './conversation-view.tsx';
import { MessageView } from './message-view.tsx';
import { useMessage, useReadMark } from './use-message.ts';
import { useThread } from './use-thread.ts';

export interface OpenedProps {
  readonly messageId: string;
  readonly commands: Commands;
  /** Given: whole conversations are read, as seen from there. */
  readonly scope?: ListScope;
  /** As the list knows it, so that nothing is asked for one after the other. */
  readonly threadId: string | undefined;
}

/** One message, or the conversation that it belongs to. */
export function Opened({ messageId, commands, scope, threadId }: OpenedProps): ReactNode {
  return scope === undefined ? (
    <OneMessage key={messageId} id={messageId} commands={commands} />
  ) : (
    <OneConversation id={messageId} commands={commands} scope={scope} listedThreadId={threadId} />
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
  readonly listedThreadId: string | undefined;
}

function OneConversation({ id, commands, scope, listedThreadId }: OneConversationProps): ReactNode {
  const words = useWords();
  const { message, isFailed, retry } = useMessage(id);
  // While another message of it is loaded, the conversation stays.
  const last = useRef('');
  const likely = message?.threadId ?? listedThreadId ?? last.current;
  const members = useThread(likely);
  const threadId = message?.threadId ?? (members?.some((one) => one.id === id) === true ? likely : undefined);
  last.current = threadId ?? last.current;
  if (isFailed) return <Failed text={words.read.failed} onRetry={retry} />;
  if (message === null) return <Empty icon="mail" text={words.read.gone} />;
  // The message need not wait for the others of its conversation.
  const known = members?.some((one) => one.id === id) === true ? members : message === undefined ? undefined : [message];
  if (threadId === undefined || known === undefined) return <Loading label={words.app.loading} />;
  return <ConversationView key={threadId} members={known} isWhole={known === members} currentId={id} commands={commands} scope={scope} />;
}
