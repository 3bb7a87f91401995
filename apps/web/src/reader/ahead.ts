/*
 * What will be opened next, likely, is had before: its text, the pictures that stand in it, and an empty frame for it. Nothing of it is marked as read. It is asked for
 * by one request at a time, which makes way for what is really opened.
 */
import type { QueryClient } from '@tanstack/react-query';
import type { Jmap } from '../api/jmap.ts';
import { isPassing } from '../api/failures.ts';
import { isAlone, type Line } from '../api/lists.ts';
import { findMessages } from '../api/mail.ts';
import type { BodyPart, Message } from '../api/methods.ts';
import { createMailFrames, type FramedMail, type MailFrames } from './mail-frames.ts';
import { messageQuery, partQuery, threadQuery } from './message-query.ts';
import { htmlOf } from './message-text.ts';

/** Of one text of a message; whatever is attached to it, only texts come. */
const LONGEST_TEXT = 200_000;
/** So many of those that are wanted are had at the least. */
const LEAST = 4;
/** Of the one that is the most likely; together, which is what they take in the message. */
const LARGEST_PICTURES = 500_000;
const MOST_PICTURES = 10;

export interface Wanted {
  /** The most likely one first. */
  readonly lines: readonly Line[];
  readonly withConversations: boolean;
}

export interface Ahead {
  readonly frames: MailFrames;
  /** What stands around what is open. It takes the place of what was wanted before; what is on its way and not wanted any more is stopped. */
  readonly near: (wanted: Wanted) => void;
  /** What somebody points at: it comes before the others. */
  readonly pointed: (wanted: Wanted) => void;
  /** The pictures that stand in this message, while its frame is made. */
  readonly pictures: (message: Message) => void;
  /** This message, as it is put into a frame. */
  readonly framed: (message: Message, html: string) => FramedMail;
  readonly close: () => void;
}

export const NOTHING_WANTED: Wanted = { lines: [], withConversations: false };

interface UnderWay {
  readonly ids: readonly string[];
  readonly controller: AbortController;
}

/** It is asked for when it is opened. */
class TooLong extends Error {}

export function createAhead(jmap: Jmap, client: QueryClient): Ahead {
  const frames = createMailFrames();
  let wanted = { near: NOTHING_WANTED, pointed: NOTHING_WANTED };
  let underWay: UnderWay | undefined;

  const isOpen = (id: string): boolean =>
    client
      .getQueryCache()
      .find({ queryKey: ['message', id], exact: true })
      ?.isActive() === true;
  const isMissing = ({ id }: Line): boolean => {
    const state = client.getQueryState<Message | null>(['message', id]);
    return state?.data === undefined && state?.fetchStatus !== 'fetching' && !(state?.error instanceof TooLong);
  };
  const ask = ({ lines, withConversations }: Wanted): void => {
    const asked: UnderWay = { ids: lines.map(({ id }) => id), controller: new AbortController() };
    underWay = asked;
    const found = findMessages(jmap, asked.ids, { signal: asked.controller.signal, longest: LONGEST_TEXT });
    for (const line of lines) {
      const query = messageQuery(jmap, client, line.id);
      const queryFn = async ({ signal }: Parameters<typeof query.queryFn>[0]): Promise<Message | null> => {
        const message = (await found).find(({ id }) => id === line.id) ?? null;
        if (!isCut(message)) return message;
        if (isOpen(line.id)) return query.queryFn({ signal });
        throw new TooLong();
      };
      void client.prefetchQuery({ ...query, queryFn, retry: false });
      if (withConversations && !isAlone(line)) void client.prefetchQuery({ ...threadQuery(jmap, line.threadId), retry: false });
    }
    const isDone = (): void => {
      if (underWay === asked) underWay = undefined;
    };
    // The queries have it a moment later.
    found.then(() => setTimeout(() => [isDone(), goOn()])).catch(isDone);
  };
  const stop = ({ ids, controller }: UnderWay): void => {
    underWay = undefined;
    for (const id of ids) void client.cancelQueries({ queryKey: ['message', id], exact: true });
    controller.abort();
  };
  const goOn = (): void => {
    if (savesData() || !navigator.onLine) return;
    const all = [wanted.pointed, wanted.near];
    prepare(all.flatMap(({ lines }) => lines.filter(({ id }) => !isOpen(id))));
    const stillWanted = new Set(all.flatMap(({ lines }) => lines.map(({ id }) => id)));
    if (underWay !== undefined && !underWay.ids.some((id) => stillWanted.has(id) || isOpen(id))) stop(underWay);
    if (underWay !== undefined) return;
    for (const { lines, withConversations } of all) {
      // Several by one request, before the last of them is needed.
      if (lines.slice(0, LEAST).some(isMissing)) return ask({ lines: lines.filter(isMissing), withConversations });
    }
  };
  const pictures = (message: Message): void => {
    for (const part of picturesOf(message)) void client.prefetchQuery(partQuery(jmap, part));
  };
  const framed = (message: Message, html: string): FramedMail => ({
    id: message.id,
    html,
    imageOf(cid) {
      const part = message.attachments.find((one) => one.cid === cid);
      if (part === undefined || part.blobId === null) return Promise.resolve(undefined);
      const query = partQuery(jmap, part);
      const unlessPassing = (error: unknown): undefined => {
        if (isPassing(error)) throw error;
      };
      return client.getQueryData<Blob>(query.queryKey) ?? client.fetchQuery(query).catch(unlessPassing);
    },
  });
  const framedAhead = (message: Message): FramedMail | undefined => {
    const html = htmlOf(message)?.value;
    // Whatever its text may name is asked for as soon as it is in a frame.
    const isLight = areFew(message.attachments.filter(({ cid }) => cid !== null));
    return html !== undefined && isLight ? framed(message, html) : undefined;
  };
  /** @param lines the likeliest first */
  const prepare = (lines: readonly Line[]): void => {
    const messages = lines.map(({ id }) => client.getQueryData<Message | null>(['message', id]) ?? undefined);
    const [first] = messages;
    if (first !== undefined) pictures(first);
    if (messages.some((one) => one !== undefined && htmlOf(one) !== undefined)) frames.prepare(first && framedAhead(first));
  };
  return {
    frames,
    near(lines) {
      wanted = { ...wanted, near: lines };
      goOn();
    },
    pointed(lines) {
      wanted = { ...wanted, pointed: lines };
      goOn();
    },
    pictures,
    framed,
    close() {
      if (underWay !== undefined) stop(underWay);
      frames.close();
    },
  };
}

function isCut(message: Message | null): boolean {
  return message !== null && Object.values(message.bodyValues).some(({ isTruncated }) => isTruncated);
}

/** Those that its HTML names, as long as all of them are within the bounds. */
function picturesOf(message: Message): readonly BodyPart[] {
  const html = htmlOf(message)?.value ?? '';
  const named = message.attachments.filter(({ cid, type }) => cid !== null && type.startsWith('image/') && html.includes(`cid:${cid}`));
  return areFew(named) ? named : [];
}

function areFew(parts: readonly BodyPart[]): boolean {
  return parts.reduce((all, { size }) => all + size, 0) <= LARGEST_PICTURES && parts.length <= MOST_PICTURES;
}

/** Not every browser tells. */
function savesData(): boolean {
  return (navigator as { readonly connection?: { readonly saveData?: boolean } }).connection?.saveData === true;
}
