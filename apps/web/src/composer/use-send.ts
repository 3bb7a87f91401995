import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { isSubmitted, listIdentities, submitDraft, unsend, type Submitted } from '../api/drafts.ts';
import { HttpFailure, MethodFailure, NoAnswer } from '../api/failures.ts';
import { useAsk } from '../shell/ask.tsx';
import { failureText } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { goTo } from '../shell/place.ts';
import { useToasts } from '../shell/toasts.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/en.ts';
import type { Draft } from './draft.ts';
import { isAddress } from './recipients.ts';
import type { DraftInHand } from './use-draft.ts';

export interface Sending {
  readonly isSending: boolean;
  /** Why it was not sent, for the person. */
  readonly problem: string | undefined;
  /** Resolves with true when the outbox has it. */
  readonly send: () => Promise<boolean>;
}

export function useSend(inHand: DraftInHand): Sending {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const toasts = useToasts();
  const ask = useAsk();
  const words = useWords();
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  // Handed over, and no answer came: whether the outbox has it must be known before it is handed over again.
  const doubtful = useRef<string>(undefined);

  /** Undefined: an earlier try had succeeded, and nobody knew. */
  const handOver = async (): Promise<Submitted | undefined> => {
    if (doubtful.current !== undefined && (await isSubmitted(jmap, doubtful.current))) return undefined;
    // Unchanged, too: its date is when it is sent.
    const emailId = (await inHand.saveNow()) ?? '';
    const [identity] = await client.fetchQuery({ queryKey: ['identities'], queryFn: () => listIdentities(jmap), staleTime: Infinity });
    if (identity === undefined) throw new MethodFailure('forbiddenFrom', '');
    const { to, cc, bcc, about } = inHand.current();
    doubtful.current = emailId;
    try {
      return await submitDraft(jmap, {
        emailId,
        identity,
        recipients: [...to, ...cc, ...bcc].map(({ email }) => email),
        sentId: tree?.byRole('sent')?.mailbox.id,
        about,
      });
    } catch (error) {
      if (error instanceof MethodFailure) doubtful.current = undefined;
      throw error;
    }
  };
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
  const send = async (): Promise<boolean> => {
    const draft = inHand.current();
    const wrong = problemOf(draft, words);
    setProblem(wrong);
    if (wrong !== undefined) return false;
    const question = questionOf(draft, words);
    if (question !== undefined && !(await ask({ text: question, yes: words.write.send }))) return false;
    setIsSending(true);
    try {
      const submitted = await handOver();
      inHand.release();
      const toOutbox = { label: words.write.toOutbox, run: () => goTo({ kind: 'outbox' }) };
      const undo = { label: words.app.undo, run: () => void callBack(submitted?.id ?? '') };
      toasts.show({ text: words.write.accepted, action: submitted === undefined || submitted.holdS === 0 ? toOutbox : undo });
      refresh();
      return true;
    } catch (error) {
      setProblem(whyNot(error, words));
      return false;
    } finally {
      setIsSending(false);
    }
  };
  return { isSending, problem, send };
}

/** Undefined: it can be sent. */
export function problemOf({ to, cc, bcc, attachments }: Draft, { write }: Words): string | undefined {
  const all = [...to, ...cc, ...bcc];
  const wrong = all.find(({ email }) => !isAddress(email));
  if (wrong !== undefined) return write.invalid(wrong.email);
  if (all.length === 0) return write.noRecipient;
  return attachments.some(({ blobId, isFailed }) => blobId === undefined && !isFailed) ? write.waitForUploads : undefined;
}

/** What people regret a moment later. Only what one wrote oneself counts, not what it answers. */
export function questionOf(draft: Draft, { write }: Words): string | undefined {
  if (draft.subject.trim() === '') return write.noSubjectQuestion;
  const own = draft.isRich ? draft.html.split('<blockquote', 1)[0]?.replaceAll(/<[^>]*>/g, ' ') : draft.text.replaceAll(/^>.*$/gm, '');
  return draft.about === undefined && draft.attachments.length === 0 && write.attachmentWords.test(own ?? '')
    ? write.forgotAttachment
    : undefined;
}

function whyNot(error: unknown, { write }: Words): string {
  if (error instanceof NoAnswer) return write.noAnswer;
  if (error instanceof MethodFailure || error instanceof HttpFailure)
    return error.detail === '' ? write.failed : write.failedWhy(error.detail);
  return write.failed;
}
