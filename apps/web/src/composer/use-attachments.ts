import { useEffect, useMemo, useRef } from 'react';
import { isPassing } from '../api/failures.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { chooseFiles } from './choose-files.ts';
import type { DraftAttachment } from './draft.ts';
import type { DraftInHand } from './use-draft.ts';

const CORE = 'urn:ietf:params:jmap:core';
/** Without a connection it is tried again after so long. */
const AGAIN_MS = 10_000;
const DEFAULT_LARGEST = 50_000_000;

export interface Attachments {
  readonly add: (files: Iterable<File>) => void;
  /** An image for the text. False: it is too large. */
  readonly addInline: (file: File, cid: string) => boolean;
  readonly remove: (key: string) => void;
  readonly choose: () => void;
  /** Ends every upload. */
  readonly stop: () => void;
}

/** Files go up at once, each by itself; the draft names those that are there. */
export function useAttachments({ change, current }: Pick<DraftInHand, 'change' | 'current'>): Attachments {
  const jmap = useJmap();
  const toasts = useToasts();
  const words = useWords();
  const { size } = useFormats();
  const running = useRef(new Map<string, AbortController>());
  const attachments = useMemo(() => {
    const core = jmap.resource.capabilities[CORE] as { readonly maxSizeUpload?: number } | undefined;
    const largest = core?.maxSizeUpload ?? DEFAULT_LARGEST;
    const put = (key: string, some: Partial<DraftAttachment>): void =>
      change((before) => ({ ...before, attachments: before.attachments.map((one) => (one.key === key ? { ...one, ...some } : one)) }));
    const upload = async (key: string, file: Blob, type: string): Promise<void> => {
      if (running.current.has(key)) return;
      const stop = new AbortController();
      const { signal } = stop;
      running.current.set(key, stop);
      try {
        for (;;) {
          const blobId = await jmap
            .upload(file, type, { signal, onProgress: (progress) => put(key, { progress }) })
            .catch((error: unknown) => {
              if (!isPassing(error) || signal.aborted) throw error;
            });
          if (blobId !== undefined) return put(key, { blobId, progress: 1, isWaiting: false });
          put(key, { isWaiting: true });
          await pause(AGAIN_MS, signal);
        }
      } catch {
        if (!signal.aborted) put(key, { isFailed: true, isWaiting: false });
      } finally {
        running.current.delete(key);
      }
    };
    const addOne = (file: File, cid?: string): boolean => {
      if (file.size > largest) {
        toasts.show({ text: words.write.tooLarge(file.name, size(largest)), kind: 'failed' });
        return false;
      }
      const key = crypto.randomUUID();
      const type = file.type || 'application/octet-stream';
      const about = { key, name: file.name, type, sizeBytes: file.size, file, ...(cid === undefined ? {} : { cid }) };
      change((before) => ({
        ...before,
        attachments: [...before.attachments, { ...about, blobId: undefined, progress: 0, isFailed: false }],
      }));
      void upload(key, file, type);
      return true;
    };
    const add: Attachments['add'] = (files) => {
      for (const file of files) addOne(file);
    };
    return {
      add,
      addInline: addOne,
      upload,
      remove(key: string) {
        running.current.get(key)?.abort();
        change((before) => ({ ...before, attachments: before.attachments.filter((one) => one.key !== key) }));
      },
      choose: () => chooseFiles('', add),
      stop() {
        for (const one of running.current.values()) one.abort();
      },
    };
  }, [jmap, toasts, words, size, change]);
  // Of a draft that was written without a connection and is taken up again.
  useEffect(() => {
    for (const { key, file, type, blobId, isFailed } of current().attachments)
      if (file !== undefined && blobId === undefined && !isFailed) void attachments.upload(key, file, type);
  }, [attachments]);
  return attachments;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('stopped'));
    });
  });
}
