import type { ReactNode } from 'react';
import type { Summary } from '../api/methods.ts';
import { useComposer } from '../composer/composer-around.tsx';
import { plainText, shortName } from '../list/address-text.ts';
import { isUnread } from '../list/line-state.ts';
import { useMessageActions } from '../list/use-message-actions.ts';
import { IconButton } from '../shell/button.tsx';
import { Icon } from '../shell/icons.tsx';
import { Empty, Failed, Loading } from '../shell/states.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { MessageContent } from './message-content.tsx';
import { useMessage, useReadMark } from './use-message.ts';

interface MessageCardProps {
  readonly summary: Summary;
  readonly isOpen: boolean;
  /** The only one: there is nothing to fold. */
  readonly isAlone: boolean;
  readonly onToggle: (id: string, isOpen: boolean) => void;
}

/** One message of a conversation: a line, or the whole of it. */
export function MessageCard({ summary, isOpen, isAlone, onToggle }: MessageCardProps): ReactNode {
  return (
    <article className={`message-card ${isOpen ? 'is-unfolded' : 'is-folded'} ${isAlone ? 'is-alone' : ''}`}>
      {isOpen ? (
        <Unfolded summary={summary} isAlone={isAlone} onFold={() => onToggle(summary.id, false)} />
      ) : (
        <Folded summary={summary} onOpen={() => onToggle(summary.id, true)} />
      )}
    </article>
  );
}

function Folded({ summary, onOpen }: { readonly summary: Summary; readonly onOpen: () => void }): ReactNode {
  const words = useWords();
  const { short, long } = useFormats();
  const who = (summary.from ?? []).map(shortName).join(', ') || words.list.noSender;
  return (
    <button type="button" className={`folded-message ${isUnread(summary) ? 'is-unread' : ''}`} aria-expanded="false" onClick={onOpen}>
      <span className="conversation-who" dir="auto">
        {Object.hasOwn(summary.keywords, '$draft') ? `${words.list.draft}: ${who}` : who}
      </span>
      <span className="conversation-preview" dir="auto">
        {plainText(summary.preview)}
      </span>
      {Object.hasOwn(summary.keywords, '$flagged') ? (
        <span className="mark mark-flag" title={words.list.flagged}>
          <Icon name="flag" size={15} />
          <span className="visually-hidden">{words.list.flagged}</span>
        </span>
      ) : null}
      <time dateTime={summary.receivedAt} title={long(summary.receivedAt)}>
        {short(summary.receivedAt)}
      </time>
    </button>
  );
}

interface UnfoldedProps {
  readonly summary: Summary;
  readonly isAlone: boolean;
  readonly onFold: () => void;
}

function Unfolded({ summary, isAlone, onFold }: UnfoldedProps): ReactNode {
  const words = useWords();
  const { message, isFailed, retry } = useMessage(summary.id);
  useReadMark(message);
  if (isFailed) return <Failed text={words.read.failed} onRetry={retry} />;
  if (message === undefined) return <Loading label={words.app.loading} />;
  if (message === null) return <Empty icon="mail" text={words.read.gone} />;
  return <MessageContent message={message}>{isAlone ? null : <CardTools summary={summary} onFold={onFold} />}</MessageContent>;
}

/** What is done with this message and not with the whole conversation. */
function CardTools({ summary, onFold }: { readonly summary: Summary; readonly onFold: () => void }): ReactNode {
  const words = useWords();
  const composer = useComposer();
  const { setKeyword } = useMessageActions();
  const isFlagged = Object.hasOwn(summary.keywords, '$flagged');
  const open = (kind: 'reply' | 'forward' | 'draft') => () => composer.open({ kind, messageId: summary.id });
  return (
    <>
      {Object.hasOwn(summary.keywords, '$draft') ? (
        <IconButton icon="compose" label={words.act.edit} onClick={open('draft')} />
      ) : (
        <>
          <IconButton icon="reply" label={words.read.replyToThis} onClick={open('reply')} />
          <IconButton icon="forward" label={words.read.forwardThis} onClick={open('forward')} />
        </>
      )}
      <IconButton
        icon="flag"
        label={isFlagged ? words.read.unflagThis : words.read.flagThis}
        className={isFlagged ? 'is-flagged' : ''}
        onClick={() => void setKeyword([summary], '$flagged', !isFlagged)}
      />
      <IconButton icon="fold" label={words.read.fold} onClick={onFold} />
    </>
  );
}
