import { useEffect, useState } from 'react';

const QUIET_MS = 1500;

/** True when something is wanted and nobody has typed for a moment: a dialog that opens under one's fingers would get what was meant for the letter. */
export function useQuietMoment(isWanted: boolean): boolean {
  const [isQuiet, setIsQuiet] = useState(false);
  useEffect(() => {
    if (!isWanted) {
      setIsQuiet(false);
      return undefined;
    }
    let timer = setTimeout(() => setIsQuiet(true), QUIET_MS);
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => setIsQuiet(true), QUIET_MS);
    };
    document.addEventListener('keydown', wait, true);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', wait, true);
    };
  }, [isWanted]);
  return isWanted && isQuiet;
}
