import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { Snippet } from '../api/methods.ts';
import { goTo, withMessage } from '../shell/place.ts';
import type { MessageListPaneProps } from './message-list-pane.tsx';
import { MessageRow } from './message-row.tsx';

/** As `.message-row` has it. */
const ROW_PX = 78;
const OVERSCAN = 8;

interface VirtualMessagesProps extends MessageListPaneProps {
  readonly snippets: ReadonlyMap<string, Snippet>;
  readonly total: number;
  readonly isOutgoing: boolean;
}

/** As many lines as there are messages, of which only those exist that can be seen. */
export function VirtualMessages({
  place,
  scope,
  snippets,
  list,
  total,
  selection,
  onSelect,
  targetsFor,
  isOutgoing,
}: VirtualMessagesProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const lines = virtualizer.getVirtualItems();
  const first = lines.at(0)?.index ?? 0;
  const last = lines.at(-1)?.index ?? 0;
  const { look } = list;
  useEffect(() => look(first, last), [look, first, last]);

  const openId = place.messageId;
  const openIndex = openId === undefined ? -1 : list.indexOf(openId);
  useEffect(() => {
    if (openIndex !== -1) virtualizer.scrollToIndex(openIndex);
    // The keyboard's place goes along, where it was in the list.
    if (document.activeElement?.closest('.list-scroller') !== null && document.activeElement !== null)
      scroller.current?.querySelector<HTMLElement>('.message-row.is-open .message-link')?.focus({ preventScroll: true });
  }, [openId]);
  // One line of the list is a stop of the Tab key, the arrows go on from there.
  const stop = openIndex === -1 ? first : openIndex;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const message = list.at(stop + (openIndex === -1 ? 0 : by));
    if (message !== undefined) goTo(withMessage(place, message.id), { replaces: openId !== undefined });
  };

  return (
    <div ref={scroller} className="list-scroller" onKeyDown={onKeyDown}>
      <ul className="messages" style={{ height: virtualizer.getTotalSize() }}>
        {lines.map(({ index, start }) => {
          const message = list.at(index);
          return (
            <li
              key={index}
              className="message-place"
              style={{ transform: `translateY(${start}px)` }}
              aria-setsize={total}
              aria-posinset={index + 1}
            >
              {message === undefined ? (
                <div className="message-row is-loading" aria-hidden="true" />
              ) : (
                <MessageRow
                  message={message}
                  place={place}
                  scope={scope}
                  snippet={snippets.get(message.id)}
                  isOpen={index === openIndex}
                  isStop={index === stop}
                  isSelected={selection.ids.has(message.key)}
                  isOutgoing={isOutgoing}
                  onSelect={onSelect}
                  targetsFor={targetsFor}
                />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
