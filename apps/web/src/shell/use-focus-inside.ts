import { useLayoutEffect, useRef, type RefObject } from 'react';

/** What opens over everything else takes the focus, and gives it back where it was. */
export function useFocusInside<Place extends HTMLElement>(isOpen: boolean): RefObject<Place | null> {
  const place = useRef<Place>(null);
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    const before = document.activeElement;
    place.current?.querySelector<HTMLElement>('a[href], button')?.focus();
    return () => {
      const isInside = place.current?.contains(document.activeElement) === true;
      if (isInside && before instanceof HTMLElement) before.focus();
    };
  }, [isOpen]);
  return place;
}
