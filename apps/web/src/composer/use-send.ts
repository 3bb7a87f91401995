import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { unsend } from '../api/drafts.ts';
import { isOutdated, MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Situation } from '../api/outbox.ts';
import { MOST_WAITING_BYTES, newLetter, waitingBytes } from '../offline/letter.ts';
import { usePost } from '../offline/post-around.tsx';
import type { Handed } from '../offline/post-office.ts';
import { acceptedText } from '../outbox/accepted-text.ts';
import { useAsk } from '../shell/ask.tsx';
import { failureText, whyOf } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { goTo } from '../shell/place.ts';
import { useToasts } from '../shell/toasts.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import type { Words } from '../words/en.ts';
import type { Language } from '../words/load-words.ts';
import { useSpeech } from '../words/use-words.ts';
import { isShownInText, type Draft } from './draft.ts';
import { isAddress } from './recipients.ts';
import { refusalText } from './refusal-text.ts';
import type { DraftInHand } from './use-draft.ts';
import { useOwnName } from './use-own-name.ts';

export interface Sending {
  readonly isSending: boolean;
  /** Why it was not sent, for the person. */
  readonly problem: string | undefined;
  /** At once, or then. Resolves with true when it is in the outbox, or kept here on its way there. */
  readonly send: (sendAtMs?: number) => Promise<boolean>;
}

export function useSend(inHand: DraftInHand): Sending {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const toasts = useToasts();
  const ask = useAsk();
  const { words, formats, language } = useSpeech();
  const { moment: momentOf } = formats;
  const moment = (ms: number): string => momentOf(new Date(ms).toISOString());
  const post = usePost();
  const name = useOwnName();
  const [isSending, setIsSending] = useState(false);
  const [failure, setFailure] = useState<string>();
  // What is wrong with it is said until it is mended.
  const [isRefused, setIsRefused] = useState(false);
  const wrongNow = isRefused ? problemOf(inHand.draft, words) : undefined;
  if (isRefused && wrongNow === undefined) setIsRefused(false);
  const isTaken = useRef(false);
  const refresh = (): void => {
    for (const key of ['outbox', 'list', 'mailboxes', 'message', 'thread']) void client.invalidateQueries({ queryKey: [key] });
  };
  const callBack = async (submissionId: string): Promise<void> => {
    try {
      await unsend(jmap, submissionId, tree?.byRole('drafts')?.mailbox.id ?? '');
      toasts.show({ text: words.write.calledBack });
    } catch (error) {
      toasts.show({
        text: error instanceof MethodFailure && error.type === 'cannotUnsend' ? words.write.tooLate : failureText(error, words),
        kind: 'failed',
      });
    }
    refresh();
  };
  const tell = (handed: Exclude<Handed, { kind: 'refused' }>, isKept: boolean, sendAtMs: number | undefined): void => {
    const toOutbox = { label: words.write.toOutbox, run: () => goTo({ kind: 'outbox' }) };
    if (handed.kind === 'waits') {
      toasts.show({ text: isKept ? words.post.waits : words.post.waitsInWindow, action: toOutbox });
      return;
    }
    const { submitted } = handed;
    if (submitted?.isCalledBack === true) {
      toasts.show({ text: words.write.calledBack });
      return;
    }
    const undo = { label: words.app.undo, run: () => void callBack(submitted?.id ?? '') };
    const mayUndo = submitted !== undefined && (submitted.holdS > 0 || sendAtMs !== undefined);
    const paths = client.getQueryData<Situation | null>(['situation'])?.paths ?? [];
    toasts.show({
      text: sendAtMs === undefined ? acceptedText(paths, language) : words.write.acceptedLater(moment(sendAtMs)),
      action: mayUndo ? undo : toOutbox,
    });
  };
  /** Asked again meanwhile, or after it has left, it would be another letter. */
  const send = async (sendAtMs?: number): Promise<boolean> => {
    if (isTaken.current) return false;
    isTaken.current = true;
    isTaken.current = await attempt(sendAtMs);
    return isTaken.current;
  };
  const attempt = async (sendAtMs: number | undefined): Promise<boolean> => {
    /** Its person is told why. */
    const isWrong = (): boolean => {
      const wrong = problemOf(inHand.current(), words) !== undefined;
      setFailure(undefined);
      setIsRefused(wrong);
      return wrong;
    };
    if (isWrong()) return false;
    const draft = inHand.current();
    const question = questionOf(draft, words);
    if (question !== undefined && !(await ask({ text: question, yes: words.write.send }))) return false;
    setIsSending(true);
    try {
      const office = await post.ready();
      if (waitingBytes(draft) > MOST_WAITING_BYTES) throw new TooLargeToWait();
      const laid = await inHand.settle();
      // A file may have been refused meanwhile.
      if (isWrong()) {
        await inHand.resume();
        return false;
      }
      const { address } = jmap;
      const id = crypto.randomUUID();
      const letter = newLetter({ id, address, draft: inHand.current(), name, nowMs: Date.now(), sendAtMs, ...laid });
      const handed = await office.hand(letter, inHand.resume);
      if (handed.kind === 'refused') {
        setFailure(whyNot(handed.error, words, language));
        return false;
      }
      tell(handed, office.isKept, sendAtMs);
      refresh();
      return true;
    } catch (error) {
      await inHand.resume();
      setFailure(whyNot(error, words, language));
      return false;
    } finally {
      setIsSending(false);
    }
  };
  return { isSending, problem: failure ?? wrongNow, send };
}

/** Undefined: it can be sent. */
export function problemOf(draft: Draft, { write }: Words): string | undefined {
  const { to, cc, bcc, attachments } = draft;
  const all = [...to, ...cc, ...bcc];
  const wrong = all.find(({ email }) => !isAddress(email));
  if (wrong !== undefined) return write.invalid(wrong.email);
  if (all.length === 0) return write.noRecipient;
  const failed = attachments.filter(({ isFailed }) => isFailed);
  if (failed.some((one) => isShownInText(one, draft))) return write.imageFailed;
  // An image that was taken out of the text does not go along.
  if (failed.some(({ cid }) => cid === undefined || !draft.isRich)) return write.fileFailed;
  return attachments.some(({ blobId, isFailed, isWaiting }) => blobId === undefined && !isFailed && isWaiting !== true)
    ? write.waitForUploads
    : undefined;
}

/** What people regret a moment later. Only what one wrote oneself counts, not what it answers. */
export function questionOf(draft: Draft, { write }: Words): string | undefined {
  if (draft.subject.trim() === '') return write.noSubjectQuestion;
  const own = draft.isRich ? draft.html.split('<blockquote', 1)[0]?.replaceAll(/<[^>]*>/g, ' ') : draft.text.replaceAll(/^>.*$/gm, '');
  return draft.about === undefined && draft.attachments.length === 0 && write.attachmentWords.test(own ?? '')
    ? write.forgotAttachment
    : undefined;
}

/** Without a connection so many files are not kept here. */
class TooLargeToWait extends Error {}

export function whyNot(error: unknown, { write, post, done }: Words, language: Language): string {
  if (error instanceof TooLargeToWait) return post.tooLarge;
  if (error instanceof NoAnswer) return write.noAnswer;
  const known = error instanceof MethodFailure ? refusalText(error.type, language) : undefined;
  if (known !== undefined) return write.failedWhy(known);
  const why = isOutdated(error) ? done.outdated : whyOf(error, done);
  return why === '' ? write.failed : write.failedWhy(why);
}
