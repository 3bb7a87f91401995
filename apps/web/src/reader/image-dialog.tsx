import { useEffect, useState, type ReactNode } from 'react';
import type { BodyPart } from '../api/methods.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { Modal } from '../shell/modal.tsx';
import { Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { fileNameOf } from './attachment-list.tsx';

const TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const LARGEST = 20 * 1024 * 1024;

/** As an image and nothing else: SVG is a document, and stays a file. */
export function isShownImage({ type, size }: BodyPart): boolean {
  return TYPES.has(type.toLowerCase()) && size <= LARGEST;
}

export function ImageDialog({ part, onClose }: { readonly part: BodyPart; readonly onClose: () => void }): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const [url, setUrl] = useState<string>();
  const [isFailed, setIsFailed] = useState(false);
  const name = fileNameOf(part, words.read.unnamed);
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    const load = async (): Promise<void> => {
      const blob = await jmap.download(part.blobId ?? '', name, part.type);
      if (isGone) return;
      made = URL.createObjectURL(blob.slice(0, blob.size, part.type.toLowerCase()));
      setUrl(made);
    };
    load().catch(() => setIsFailed(true));
    return () => {
      isGone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [jmap, part, name]);
  return (
    <Modal title={name} size="large" onClose={onClose}>
      {isFailed ? (
        <Failed text={words.read.failed} />
      ) : url === undefined ? (
        <Loading label={words.app.loading} />
      ) : (
        <img className="shown-image" src={url} alt={name} />
      )}
    </Modal>
  );
}
