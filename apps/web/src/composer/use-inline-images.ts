import { useEffect, useMemo, useRef } from 'react';
import { useJmap } from '../shell/mail-session.tsx';
import { isInlineImage, newContentId, shownWidth } from './inline-images.ts';
import type { Attachments } from './use-attachments.ts';
import type { DraftInHand } from './use-draft.ts';

export interface PlacedImage {
  readonly cid: string;
  readonly url: string;
  readonly name: string;
  readonly width: number | undefined;
}

export interface InlineImages {
  /** Undefined: it is none that could be shown. */
  readonly place: (file: File) => Promise<PlacedImage | undefined>;
  /** Where the browser has it; undefined: it is not there. */
  readonly urlOf: (cid: string) => Promise<string | undefined>;
}

export function useInlineImages(
  { current, learnFile }: Pick<DraftInHand, 'current' | 'learnFile'>,
  attachments: Attachments,
): InlineImages {
  const jmap = useJmap();
  const urls = useRef(new Map<string, string>());
  useEffect(() => {
    const { current: made } = urls;
    return () => {
      for (const url of made.values()) URL.revokeObjectURL(url);
      made.clear();
    };
  }, []);
  return useMemo(() => {
    const urlFor = (cid: string, blob: Blob): string => {
      const url = URL.createObjectURL(blob);
      urls.current.set(cid, url);
      return url;
    };
    return {
      async place(file) {
        // What the browser can not read is no image, whatever it is called.
        const width = await shownWidth(file).catch(() => null);
        if (width === null) return undefined;
        const cid = newContentId(jmap.address);
        if (!attachments.addInline(file, cid)) return undefined;
        return { cid, url: urlFor(cid, file), name: file.name, width };
      },
      async urlOf(cid) {
        const known = urls.current.get(cid);
        if (known !== undefined) return known;
        const found = current().attachments.find((one) => one.cid === cid);
        if (found === undefined || !isInlineImage(found)) return undefined;
        if (found.file !== undefined) return urlFor(cid, found.file);
        if (found.blobId === undefined) return undefined;
        const blob = await jmap.download(found.blobId, found.name, found.type).catch(() => undefined);
        if (blob === undefined) return undefined;
        const image = blob.slice(0, blob.size, found.type.toLowerCase());
        // Taken out of the text it goes from the saved draft, and may come back by an undo.
        learnFile(found.key, image);
        return urlFor(cid, image);
      },
    };
  }, [jmap, attachments]);
}
