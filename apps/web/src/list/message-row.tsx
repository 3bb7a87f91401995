import { memo, type DragEvent, type ReactNode } from 'react';
import type { Summary } from '../api/methods.ts';
import { Icon } from '../shell/icons.tsx';
import type { ListPlace } from '../shell/mail-view.tsx';
import { hashOf, withMessage } from '../shell/place.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { plainText, shortName } from './address-text.ts';

interface MessageRowProps {
  readonly message: Summary;
  readonly place: ListPlace;
  readonly isOpen: boolean;
  readonly isStop: boolean;
  readonly isSelected: boolean;
  /** What was written here is told by whom it is for. */
  readonly isOutgoing: boolean;
  readonly onSelect: (id: string, isRange: boolean) => void;
  readonly onDrag: (event: DragEvent) => void;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps): ReactNode {
  const { message, place, isOpen, isStop, isSelected, isOutgoing, onSelect, onDrag } = props;
  const words = useWords();
  const { short, long } = useFormats();
  const { keywords } = message;
  const isUnread = !Object.hasOwn(keywords, '$seen') && !Object.hasOwn(keywords, '$draft');
  const subject = plainText(message.subject ?? '') || words.list.noSubject;
  const others = (message.to ?? []).map(shortName).join(', ');
  const who = isOutgoing ? words.list.to(others) : (message.from ?? []).map(shortName).join(', ') || words.list.noSender;
  return (
    <div
      draggable
      onDragStart={onDrag}
      className={`message-row ${isUnread ? 'is-unread' : ''} ${isOpen ? 'is-open' : ''} ${isSelected ? 'is-selected' : ''}`}
    >
      <label className="message-check">
        <input
          type="checkbox"
          tabIndex={isStop ? 0 : -1}
          aria-label={words.list.select(subject)}
          checked={isSelected}
          // Only a click says whether the shift key was held.
          onClick={({ shiftKey }) => onSelect(message.id, shiftKey)}
          onChange={() => undefined}
        />
      </label>
      <a
        className="message-link"
        href={hashOf(withMessage(place, message.id))}
        tabIndex={isStop ? 0 : -1}
        aria-current={isOpen ? 'true' : undefined}
        draggable={false}
      >
        <span className="message-line">
          <span className="message-who" dir="auto">
            {Object.hasOwn(keywords, '$draft') && !isOutgoing ? `${words.list.draft}: ${who}` : who}
          </span>
          <Marks message={message} isUnread={isUnread} />
          <time dateTime={message.receivedAt} title={long(message.receivedAt)}>
            {short(message.receivedAt)}
          </time>
        </span>
        <span className="message-subject" dir="auto">
          {subject}
        </span>
        <span className="message-preview" dir="auto">
          {plainText(message.preview)}
        </span>
      </a>
    </div>
  );
});

function Marks({ message: { keywords, hasAttachment }, isUnread }: { readonly message: Summary; readonly isUnread: boolean }): ReactNode {
  const { list } = useWords();
  const has = (keyword: string): boolean => Object.hasOwn(keywords, keyword);
  return (
    <span className="message-marks">
      {isUnread ? <span className="visually-hidden">{list.unread}</span> : null}
      {has('$answered') ? <Mark icon="reply" label={list.answered} /> : null}
      {has('$forwarded') ? <Mark icon="forward" label={list.forwarded} /> : null}
      {hasAttachment ? <Mark icon="attach" label={list.attachment} /> : null}
      {has('$flagged') ? <Mark icon="flag" label={list.flagged} /> : null}
    </span>
  );
}

function Mark({ icon, label }: { readonly icon: 'reply' | 'forward' | 'attach' | 'flag'; readonly label: string }): ReactNode {
  return (
    <span className={`mark mark-${icon}`} title={label}>
      <Icon name={icon} size={15} />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
