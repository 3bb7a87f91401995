import { useEffect, useEffectEvent, useRef } from 'react';
import { useSituation } from '../shell/use-situation.ts';

/** Runs each time that the relay answers again after it did not. */
export function useReconnected(run: () => void): void {
  const { isOffline } = useSituation();
  const was = useRef(isOffline);
  const onBack = useEffectEvent(run);
  useEffect(() => {
    if (was.current && !isOffline) onBack();
    was.current = isOffline;
  }, [isOffline]);
}
