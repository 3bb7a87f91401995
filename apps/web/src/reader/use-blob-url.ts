import { useCallback, useEffect, useState } from 'react';
import { isPassing } from '../api/failures.ts';
import type { BodyPart } from '../api/methods.ts';
import { useReconnected } from '../offline/use-reconnected.ts';
import { useJmap } from '../shell/mail-session.tsx';

export interface BlobUrl {
  /** Undefined: not here yet. It goes with the component. */
  readonly url: string | undefined;
  /** `absent`: it can be had with a connection, and is asked for again when there is one. */
  readonly failure: 'absent' | 'broken' | undefined;
  readonly retry: () => void;
}

/**
 * A part of a message for an element that shows it.
 * @param type what it is shown as, whatever the sender calls it
 * @param accepts false: it is nothing of the kind
 */
export function useBlobUrl(
  part: BodyPart,
  { name, type, accepts }: { readonly name: string; readonly type: string; readonly accepts?: (blob: Blob) => Promise<boolean> },
): BlobUrl {
  const jmap = useJmap();
  const [url, setUrl] = useState<string>();
  const [failure, setFailure] = useState<BlobUrl['failure']>();
  const [tries, setTries] = useState(0);
  const retry = useCallback(() => {
    setFailure(undefined);
    setTries((before) => before + 1);
  }, []);
  useReconnected(() => {
    if (failure === 'absent') retry();
  });
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    const load = async (): Promise<void> => {
      const blob = await jmap.download(part.blobId ?? '', name, part.type);
      if (accepts !== undefined && !(await accepts(blob))) throw new Error('it is not what it is called');
      if (isGone) return;
      made = URL.createObjectURL(blob.slice(0, blob.size, type));
      setUrl(made);
    };
    load().catch((error: unknown) => setFailure(isPassing(error) ? 'absent' : 'broken'));
    return () => {
      isGone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [jmap, part, name, type, accepts, tries]);
  return { url, failure, retry };
}
