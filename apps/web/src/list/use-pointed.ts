import { useEffect, useRef, type FocusEvent, type PointerEvent } from 'react';
import type { Line } from '../api/lists.ts';
import { NOTHING_WANTED } from '../reader/ahead.ts';
import { useAhead } from '../shell/mail-session.tsx';

/** A pointer that only comes past stays shorter. */
const STAYS_MS = 60;

interface Pointed {
  readonly onPointerOver: (event: PointerEvent) => void;
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerLeave: () => void;
  readonly onFocus: (event: FocusEvent) => void;
}

/** For the element around a list: the line that a pointer stays on, or that has the keyboard's place, is had before it is opened. */
export function usePointed(lineOf: (element: Element) => Line | undefined, withConversations: boolean): Pointed {
  const ahead = useAhead();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = useRef<Line>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const point = (target: EventTarget, afterMs: number): void => {
    const line = target instanceof Element ? lineOf(target) : undefined;
    if (line?.id === last.current?.id && afterMs > 0) return;
    last.current = line;
    clearTimeout(timer.current);
    const tell = (): void => ahead.pointed(line === undefined ? NOTHING_WANTED : { lines: [line], withConversations });
    if (afterMs === 0) tell();
    else timer.current = setTimeout(tell, afterMs);
  };
  return {
    onPointerOver: ({ target, pointerType }) => {
      // A finger has no place before it comes down.
      if (pointerType !== 'touch') point(target, STAYS_MS);
    },
    onPointerDown: ({ target }) => point(target, 0),
    onPointerLeave: () => {
      clearTimeout(timer.current);
      last.current = undefined;
      ahead.pointed(NOTHING_WANTED);
    },
    onFocus: ({ target }) => point(target, STAYS_MS),
  };
}
