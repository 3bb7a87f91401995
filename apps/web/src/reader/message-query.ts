import type { QueryClient } from '@tanstack/react-query';
import { listThread } from '../api/lists.ts';
import { findMessage } from '../api/mail.ts';
import type { Jmap } from '../api/jmap.ts';
import type { BodyPart, Message } from '../api/methods.ts';

interface Asked {
  readonly signal: AbortSignal;
}

/** Null: it is not there any more. */
export function messageQuery(jmap: Jmap, client: QueryClient, id: string) {
  const queryKey = ['message', id];
  return {
    queryKey,
    // A query has no way to say "undefined".
    queryFn: async ({ signal }: Asked) => (await findMessage(jmap, id, { held: client.getQueryData<Message>(queryKey), signal })) ?? null,
    staleTime: 60_000,
  };
}

/** What belongs to a conversation, oldest first. */
export function threadQuery(jmap: Jmap, threadId: string) {
  return { queryKey: ['thread', threadId], queryFn: ({ signal }: Asked) => listThread(jmap, threadId, signal) };
}

/** A picture in a text. What a blob's id stands for never changes. */
export function partQuery(jmap: Jmap, { blobId, name, type }: BodyPart) {
  return {
    queryKey: ['part', blobId],
    queryFn: ({ signal }: Asked) => jmap.download(blobId ?? '', name ?? 'image', type, signal),
    staleTime: Infinity,
    gcTime: 60_000,
    // What can not be had now is told of, with a button to ask again.
    retry: false,
  };
}
