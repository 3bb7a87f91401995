import { useRef, useState, type ReactNode } from 'react';
import type { Summary } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import { isUnread, readTogether, stateOf, type ListScope } from '../list/line-state.ts';
import { useSteps } from '../offline/post-around.tsx';
import type { Commands } from '../shell/mail-view.tsx';
import { goTo, withMessage } from '../shell/place.ts';
import { useListPlace } from '../shell/use-place.ts';
import { useWords } from '../words/use-words.ts';
import { MessageLabels } from './message-labels.tsx';
import { MessageCard } from './message-card.tsx';
import { ReaderBar } from './reader-bar.tsx';

/** Unread ones that are open at first, the newest; each brings its text over the line. */
const MOST_OPEN = 8;

interface ConversationViewProps {
  /** Oldest first, wherever they are. */
  readonly members: readonly Summary[];
  /** False: others may be missing yet. */
  readonly isWhole: boolean;
  /** What an answer answers. */
  readonly currentId: string;
  readonly commands: Commands;
  readonly scope: ListScope;
}

/** A conversation from its beginning to its end; what was read before is folded. */
export function ConversationView({ members, isWhole, currentId, commands, scope }: ConversationViewProps): ReactNode {
  const words = useWords();
  const place = useListPlace();
  const together = readTogether(members, scope);
  const shown = members.filter((one) => one.id === currentId || together.includes(one));
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const steps = useSteps();
  // As it was found; they are read by being opened, which may be known before the others of the conversation are.
  const unread = useRef<ReadonlySet<string>>(undefined);
  if (isWhole)
    unread.current ??= new Set(
      shown
        .filter((one) => isUnread(one) || steps.get(one.id)?.some(({ wasUnread }) => wasUnread) === true)
        .slice(-MOST_OPEN)
        .map(({ id }) => id),
    );
  const current = shown.find(({ id }) => id === currentId);
  if (current === undefined) return null;
  const toggle = (id: string, isOpen: boolean): void => {
    setToggled(new Map(toggled).set(id, isOpen));
    if (isOpen) goTo(withMessage(place, id), { replaces: true });
  };
  const { isFlagged, labels } = stateOf({ conversation: members }, scope);
  return (
    <>
      <ReaderBar message={current} isFlagged={isFlagged} commands={commands} />
      <div className="message conversation-whole">
        <h1 id="message-subject" className="message-title" dir="auto">
          {plainText(shown[0]?.subject ?? '') || words.list.noSubject}
          {shown.length > 1 ? <span className="conversation-count"> {words.read.conversation(shown.length)}</span> : null}
        </h1>
        <MessageLabels keywords={labels} />
        {shown.map((one) => (
          <MessageCard
            key={one.id}
            summary={one}
            isOpen={toggled.get(one.id) ?? (one.id === currentId || unread.current?.has(one.id) === true)}
            isAlone={shown.length === 1}
            onToggle={toggle}
          />
        ))}
      </div>
    </>
  );
}
