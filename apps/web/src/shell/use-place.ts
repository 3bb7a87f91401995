import { useMemo, useSyncExternalStore } from 'react';
import { hashOf, parsePlace, withMessage, type Place } from './place.ts';

/** Where one is, but for the message that is open: the same object until one goes somewhere else, whatever is opened there. */
export function useListPlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => hashOf(withMessage(parsePlace(location.hash), undefined)));
  return useMemo(() => parsePlace(hash), [hash]);
}

/** The message that is open. */
export function useOpenId(): string | undefined {
  return useSyncExternalStore(subscribe, () => {
    const place = parsePlace(location.hash);
    return place.kind === 'outbox' ? undefined : place.messageId;
  });
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}
