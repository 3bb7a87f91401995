import { useMemo, useRef } from 'react';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import type { DraftAttachment } from './draft.ts';
import type { DraftInHand } from './use-draft.ts';

const CORE = 'urn:ietf:params:jmap:core';
const DEFAULT_LARGEST = 50_000_000;

export interface Attachments {
  readonly add: (files: Iterable<File>) => void;
  readonly remove: (key: string) => void;
  readonly choose: () => void;
  /** Ends every upload. */
  readonly stop: () => void;
}

/** Files go up at once, each by itself; the draft names those that are there. */
export function useAttachments({ change }: Pick<DraftInHand, 'change'>): Attachments {
  const jmap = useJmap();
  const toasts = useToasts();
  const words = useWords();
  const { size } = useFormats();
  const running = useRef(new Map<string, AbortController>());
  return useMemo(() => {
    const core = jmap.resource.capabilities[CORE] as { readonly maxSizeUpload?: number } | undefined;
    const largest = core?.maxSizeUpload ?? DEFAULT_LARGEST;
    const put = (key: string, some: Partial<DraftAttachment>): void =>
      change((before) => ({ ...before, attachments: before.attachments.map((one) => (one.key === key ? { ...one, ...some } : one)) }));
    const upload = async (key: string, file: File): Promise<void> => {
      const stop = new AbortController();
      running.current.set(key, stop);
      try {
        const blobId = await jmap.upload(file, file.type || 'application/octet-stream', {
          signal: stop.signal,
          onProgress: (progress) => put(key, { progress }),
        });
        put(key, { blobId, progress: 1 });
      } catch {
        if (!stop.signal.aborted) put(key, { isFailed: true });
      } finally {
        running.current.delete(key);
      }
    };
    const add: Attachments['add'] = (files) => {
      for (const file of files) {
        if (file.size > largest) {
          toasts.show({ text: words.write.tooLarge(file.name, size(largest)), kind: 'failed' });
          continue;
        }
        const key = crypto.randomUUID();
        const type = file.type || 'application/octet-stream';
        const attachment = { key, name: file.name, type, sizeBytes: file.size, blobId: undefined, progress: 0, isFailed: false };
        change((before) => ({ ...before, attachments: [...before.attachments, attachment] }));
        void upload(key, file);
      }
    };
    return {
      add,
      remove(key) {
        running.current.get(key)?.abort();
        change((before) => ({ ...before, attachments: before.attachments.filter((one) => one.key !== key) }));
      },
      choose() {
        const input = document.createElement('input');
        input.type = 'file';
        input.multiple = true;
        input.addEventListener('change', () => add(input.files ?? []));
        input.click();
      },
      stop() {
        for (const one of running.current.values()) one.abort();
      },
    };
  }, [jmap, toasts, words, size, change]);
}
