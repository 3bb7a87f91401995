import { digestOf } from '../composer/draft-digest.ts';
import { emptyDraft, type Draft } from '../composer/draft.ts';
import type { Said } from './said.ts';

/** Of files in one letter that wait in the browser; what is larger has to be sent while there is a connection. */
export const MOST_WAITING_BYTES = 25_000_000;

/** Why it does not go by itself. */
export type LetterProblem =
  | ({ readonly kind: 'refused' } & Said)
  /** It was handed over once, no answer came, and the relay knows neither it nor its draft any more. */
  | { readonly kind: 'unsure' }
  /** What was laid of it has been changed, sent or thrown away elsewhere. */
  | { readonly kind: 'draftGone' };

/**
 * A message that its person has sent, on its way from this browser to the relay's outbox. What has been begun is written down before it is begun, so that
 * whoever takes it up after a crash knows what may have happened.
 */
export interface Letter {
  /** The key under which the relay takes it, once. */
  readonly id: string;
  /** Whose it is. */
  readonly address: string;
  /** With a Message-ID of its own: what was laid into Drafts for it is known by that. */
  readonly draft: Draft;
  /** The sender's name. */
  readonly name: string;
  readonly writtenAtMs: number;
  /** Undefined: at once. */
  readonly sendAtMs: number | undefined;
  /** A draft of it that goes when it is laid. */
  readonly savedId: string | undefined;
  /** By these Message-IDs there may be more drafts of it, in Drafts as an answer did not come (its own, too), or kept here. They go, too. */
  readonly laidAs?: readonly string[] | undefined;
  /** Of what those may say, besides what it says itself (`composer/draft-digest.ts`). What says anything else is somebody else's. */
  readonly digests?: readonly string[] | undefined;
  readonly isLaying: boolean;
  /** As it was laid into Drafts. */
  readonly emailId: string | undefined;
  readonly isHandedOver: boolean;
  readonly problem: LetterProblem | undefined;
  /** What the relay last said; it may be better next time. */
  readonly trouble: Said | undefined;
}

/** A draft that could not be saved at the relay yet, or thrown away there. */
export interface KeptDraft {
  /** Its Message-ID. */
  readonly id: string;
  readonly address: string;
  readonly draft: Draft;
  readonly name: string;
  readonly atMs: number;
  /** A draft of it that goes when it is laid. */
  readonly savedId: string | undefined;
  /** By these Message-IDs, besides its own, there may be more drafts of it. */
  readonly laidAs?: readonly string[] | undefined;
  /** As with a letter. */
  readonly digests?: readonly string[] | undefined;
  /** Nothing of it is to be in Drafts, and nothing of what it says is here any more. */
  readonly isDiscarded?: boolean;
  /** Why it is not in Drafts; it may be better next time. Undefined: no connection, as far as is known. */
  readonly trouble?: Said | undefined;
}

export async function discarded(kept: KeptDraft): Promise<KeptDraft> {
  return { ...(await perhapsLaid(kept)), draft: emptyDraft(kept.id), isDiscarded: true };
}

/** As it is it may be in Drafts, or be just being laid there with the files that are not up yet; it is known there by that, whatever becomes of it here. */
export async function perhapsLaid(kept: KeptDraft): Promise<KeptDraft> {
  const { draft, digests = [] } = kept;
  const whole = { ...draft, attachments: draft.attachments.map((one) => (one.file === undefined ? one : { ...one, blobId: '' })) };
  return { ...kept, digests: [...new Set([...digests, await digestOf(draft), await digestOf(whole)])] };
}

export interface NewLetter {
  readonly id: string;
  readonly address: string;
  readonly draft: Draft;
  readonly name: string;
  readonly nowMs: number;
  readonly sendAtMs?: number | undefined;
  readonly savedId: string | undefined;
  readonly laidAs?: readonly string[] | undefined;
  readonly digests?: readonly string[] | undefined;
}

export function newLetter({ id, address, draft, name, nowMs, sendAtMs, savedId, laidAs, digests }: NewLetter): Letter {
  return {
    id,
    address,
    draft: { ...draft, messageId: messageIdOf(id, address), attachments: draft.attachments.filter(({ isFailed }) => !isFailed) },
    name,
    writtenAtMs: nowMs,
    sendAtMs,
    savedId,
    laidAs,
    digests,
    isLaying: false,
    emailId: undefined,
    isHandedOver: false,
    problem: undefined,
    trouble: undefined,
  };
}

/** What was laid of it is somebody else's now, whose program may have left it the Message-ID: by that it is neither sent from here nor taken away. */
export function partedFromDraft(letter: Letter, newId: string): Letter {
  const { address, draft, laidAs } = letter;
  return {
    ...letter,
    draft: { ...draft, messageId: messageIdOf(newId, address) },
    laidAs: laidAs?.filter((id) => id !== draft.messageId),
    isLaying: false,
    emailId: undefined,
  };
}

function messageIdOf(id: string, address: string): string {
  return `${id}@${address.slice(address.lastIndexOf('@') + 1).toLowerCase()}`;
}

/** Files that the relay has not got yet. */
export function waitingBytes({ attachments }: Draft): number {
  return attachments.filter(({ blobId }) => blobId === undefined).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
