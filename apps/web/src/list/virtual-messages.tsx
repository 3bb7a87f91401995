import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import type { Snippet } from '../api/methods.ts';
import { followPlace, goTo, hashOf, withMessage } from '../shell/place.ts';
import type { MessageListPaneProps } from './message-list-pane.tsx';
import { MessageRow } from './message-row.tsx';
import { usePointed } from './use-pointed.ts';

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
  isCollapsed,
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
  // What comes in above moves nothing from under the pointer, but at the top, where one waits for it. Three lines tell by how much: one of them may have moved for itself.
  const seen = useRef<readonly (readonly [key: string, index: number])[]>([]);
  useLayoutEffect(() => {
    const { current: element } = scroller;
    if (element === null) return;
    const moves = seen.current.flatMap(([key, index]) => (list.indexOf(key) === -1 ? [] : [list.indexOf(key) - index]));
    // What one files of them makes room, which is filled from below.
    const isWhole = moves.length === seen.current.length;
    const by = isWhole ? (moves.toSorted((one, other) => one - other)[moves.length >> 1] ?? 0) : 0;
    // As the virtualizer last heard it: to ask the element would lay out the page in the middle of each change.
    let offset = virtualizer.scrollOffset ?? 0;
    if (offset > 0 && by !== 0) {
      element.scrollTop += by * ROW_PX;
      offset += by * ROW_PX;
    }
    const top = Math.ceil(offset / ROW_PX);
    seen.current = [top, top + 1, top + 2].flatMap((index) => {
      const line = list.at(index);
      return line === undefined ? [] : [[line.key, index] as const];
    });
  });
  const { look } = list;
  useEffect(() => look(first, last), [look, first, last]);

  // A line is drawn anew when something about it is different, and not when another message is opened.
  const listPlace = useMemo(() => withMessage(place, undefined), [hashOf(withMessage(place, undefined))]);
  const openId = place.messageId;
  const openIndex = openId === undefined ? -1 : list.indexOf(openId);
  useEffect(() => {
    if (openIndex !== -1 && !isSeen(virtualizer, openIndex)) virtualizer.scrollToIndex(openIndex);
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

  const onClick = ({ target, nativeEvent }: MouseEvent): void => {
    const link = target instanceof Element ? target.closest<HTMLAnchorElement>('.message-link') : null;
    if (link !== null) followPlace(nativeEvent, link);
  };
  const pointed = usePointed((element) => {
    const place = element.closest('.message-place');
    return place === null ? undefined : list.at(Number(place.getAttribute('aria-posinset')) - 1);
  }, isCollapsed);

  return (
    <div ref={scroller} className="list-scroller" onKeyDown={onKeyDown} onClick={onClick} {...pointed}>
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
                  place={listPlace}
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

/** All of the line, as far as one was told: to ask the browser would have it lay out the message that has just come. */
function isSeen({ scrollOffset, scrollRect }: Virtualizer<HTMLDivElement, Element>, index: number): boolean {
  if (scrollOffset === null || scrollRect === null) return false;
  return index * ROW_PX >= scrollOffset && (index + 1) * ROW_PX <= scrollOffset + scrollRect.height;
}
