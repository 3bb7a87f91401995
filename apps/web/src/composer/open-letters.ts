import { useEffect, useRef } from 'react';

/** What closes each letter of this page. False: it stays open, and has said why. */
type Close = () => Promise<boolean>;

const closers = new Set<Close>();

export function useOpenLetter(close: Close): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const closer: Close = () => latest.current();
    closers.add(closer);
    return () => void closers.delete(closer);
  }, []);
}

/** They are drafts then. False: one of them stays open. */
export async function closeLetters(): Promise<boolean> {
  const closed = await Promise.all([...closers].map((close) => close()));
  return !closed.includes(false);
}
