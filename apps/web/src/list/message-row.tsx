import { memo, useMemo, type ReactNode } from 'react';
import type { Line } from '../api/lists.ts';
import type { Snippet } from '../api/methods.ts';
import { MarkedText } from '../search/marked-text.tsx';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { hashOf, withMessage, type Place } from '../shell/place.ts';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { plainText, shortName } from './address-text.ts';
import { dragMessages } from './drag.ts';
import { LabelChips } from './label-chips.tsx';
import { namesOf, stateOf, type LineState, type ListScope } from './line-state.ts';
import type { Target } from '../offline/filing.ts';

/** On a line of the list. */
const MOST_LABELS = 2;

interface MessageRowProps {
  readonly message: Line;
  /** The list's. */
  readonly place: Place;
  readonly scope: ListScope;
  /** Where in it stands what is looked for. */
  readonly snippet: Snippet | undefined;
  readonly isOpen: boolean;
  readonly isStop: boolean;
  readonly isSelected: boolean;
  /** What was written here is told by whom it is for. */
  readonly isOutgoing: boolean;
  readonly onSelect: (key: string, isRange: boolean) => void;
  readonly targetsFor: (key: string) => readonly Target[];
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps): ReactNode {
  const { message, place, scope, snippet, isOpen, isStop, isSelected, isOutgoing, onSelect, targetsFor } = props;
  const words = useWords();
  const { short, long } = useFormats();
  const { address } = useJmap();
  const { keywords } = message;
  const state = useMemo(() => stateOf(message, scope), [message, scope]);
  const subject = plainText(message.subject ?? '') || words.list.noSubject;
  const others = (message.to ?? []).map(shortName).join(', ');
  const who = isOutgoing
    ? words.list.to(others)
    : namesOf(state.count > 1 ? state.people : (message.from ?? []), state.count > 1 ? address : '', words.read.me) || words.list.noSender;
  return (
    <div
      draggable
      onDragStart={(event) => dragMessages(event, targetsFor(message.key))}
      className={`message-row ${state.isUnread ? 'is-unread' : ''} ${isOpen ? 'is-open' : ''} ${isSelected ? 'is-selected' : ''}`}
    >
      <label className="message-check">
        <input
          type="checkbox"
          tabIndex={isStop ? 0 : -1}
          aria-label={words.list.select(subject)}
          checked={isSelected}
          // Only a click says whether the shift key was held.
          onClick={({ shiftKey }) => onSelect(message.key, shiftKey)}
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
          {state.count > 1 ? (
            <span className="message-count" title={words.read.conversation(state.count)}>
              <span aria-hidden="true">{state.count}</span>
              <span className="visually-hidden">{words.read.conversation(state.count)}</span>
            </span>
          ) : null}
          <Marks message={message} state={state} />
          <time dateTime={message.receivedAt} title={long(message.receivedAt)}>
            {short(message.receivedAt)}
          </time>
        </span>
        <span className="message-subject-line">
          <span className="message-subject" dir="auto">
            {typeof snippet?.subject === 'string' ? <MarkedText html={snippet.subject} /> : subject}
          </span>
          {scope.mailboxId === undefined ? <PlaceName message={message} /> : null}
          {state.labels.length === 0 ? null : <LabelChips keywords={state.labels} most={MOST_LABELS} />}
        </span>
        <span className="message-preview" dir="auto">
          {typeof snippet?.preview === 'string' ? <MarkedText html={snippet.preview} /> : plainText(message.preview)}
        </span>
      </a>
    </div>
  );
});

/** In what is found all over, where each one is. */
function PlaceName({ message: { mailboxIds } }: { readonly message: Line }): ReactNode {
  const tree = useMailboxes();
  const [id = ''] = Object.keys(mailboxIds);
  return <span className="message-folder">{tree?.byId(id)?.path}</span>;
}

function Marks({ message: { keywords }, state }: { readonly message: Line; readonly state: LineState }): ReactNode {
  const { list } = useWords();
  const has = (keyword: string): boolean => Object.hasOwn(keywords, keyword);
  return (
    <span className="message-marks">
      {state.isUnread ? <span className="visually-hidden">{list.unread}</span> : null}
      {has('$answered') ? <Mark icon="reply" label={list.answered} /> : null}
      {has('$forwarded') ? <Mark icon="forward" label={list.forwarded} /> : null}
      {state.hasAttachment ? <Mark icon="attach" label={list.attachment} /> : null}
      {state.isFlagged ? <Mark icon="flag" label={list.flagged} /> : null}
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
