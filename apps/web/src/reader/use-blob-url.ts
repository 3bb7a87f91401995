import { useEffect, useState } from 'react';
import type { BodyPart } from '../api/methods.ts';
import { useJmap } from '../shell/mail-session.tsx';

export interface BlobUrl {
  /** Undefined: not here yet. It goes with the component. */
  readonly url: string | undefined;
  readonly isFailed: boolean;
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
  const [isFailed, setIsFailed] = useState(false);
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
    load().catch(() => setIsFailed(true));
    return () => {
      isGone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [jmap, part, name, type, accepts]);
  return { url, isFailed };
}
