import { useEffect, useId, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { longestHoldS } from '../api/drafts.ts';
import { useAsk } from '../shell/ask.tsx';
import { IconButton } from '../shell/button.tsx';
import { failureText } from '../shell/failure-text.ts';
import { Icon } from '../shell/icons.tsx';
import { usePost } from '../offline/post-around.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { textOfHtml } from '../reader/text-of-html.ts';
import { useWords } from '../words/use-words.ts';
import type { ComposerProps } from './composer.tsx';
import { ComposerAttachments } from './composer-attachments.tsx';
import type { Draft } from './draft.ts';
import type { SaveState } from './draft-saver.ts';
import { useOpenLetter } from './open-letters.ts';
import { RecipientsField } from './recipients-field.tsx';
import { RichEditor } from './rich-editor.tsx';
import { htmlOfText } from './start-draft.ts';
import { SendLaterDialog } from './send-later-dialog.tsx';
import { useAttachments } from './use-attachments.ts';
import { useBackCloses } from './use-back-closes.ts';
import { useDraft } from './use-draft.ts';
import { useInlineImages } from './use-inline-images.ts';
import { useSend } from './use-send.ts';

interface ComposerWindowProps extends ComposerProps {
  readonly first: Draft;
  readonly savedId: string | undefined;
}

export function ComposerWindow({ start, first, savedId, isFront, onFront, onClose, onDraft }: ComposerWindowProps): ReactNode {
  const words = useWords();
  const ask = useAsk();
  const toasts = useToasts();
  const client = useQueryClient();
  const inHand = useDraft(first, { savedId, taken: start.kind === 'kept' ? start.taken : undefined });
  const { draft, change } = inHand;
  const sending = useSend(inHand);
  const { office } = usePost();
  const attachments = useAttachments(inHand);
  const images = useInlineImages(inHand, attachments);
  const [hasCopies, setHasCopies] = useState(draft.cc.length + draft.bcc.length > 0);
  const [isCopyAsked, setIsCopyAsked] = useState(false);
  const [isChoosingTime, setIsChoosingTime] = useState(false);
  const longestMs = longestHoldS(useJmap()) * 1000;
  const [isDropping, setIsDropping] = useState(false);
  const titleId = useId();
  const title = draft.subject.trim() === '' ? words.write.title : draft.subject;

  const leave = (): void => {
    for (const key of ['list', 'mailboxes']) void client.invalidateQueries({ queryKey: [key] });
    onClose();
  };
  /** False: it stays open. */
  const close = async (): Promise<boolean> => {
    // Nobody would be told that it was not taken.
    if (sending.isSending) return false;
    try {
      await inHand.flush();
      await inHand.leaveFiles();
    } catch (error) {
      if (!inHand.isKeptHere()) {
        toasts.show({ text: failureText(error, words), kind: 'failed' });
        return false;
      }
      // Whoever takes it up next writes on; what this window still tried would take its place.
      await inHand.settle();
      toasts.show({ text: office?.isKept === true ? words.post.draftKept : words.post.draftKeptInWindow });
    }
    attachments.stop();
    leave();
    return true;
  };
  useOpenLetter(close);
  useBackCloses(isFront, close);
  const discard = async (): Promise<void> => {
    if (!(await ask({ text: words.write.discardQuestion, yes: words.write.discard }))) return;
    attachments.stop();
    try {
      if (!(await inHand.discard())) toasts.show({ text: words.post.discardWaits });
    } catch (error) {
      toasts.show({ text: failureText(error, words), kind: 'failed' });
    }
    leave();
  };
  const send = async (atMs?: number): Promise<void> => {
    setIsChoosingTime(false);
    if (!(await sending.send(atMs))) return;
    attachments.stop();
    leave();
  };
  const toggleRich = async (): Promise<void> => {
    if (!draft.isRich) change((before) => ({ ...before, isRich: true, html: htmlOfText(before.text) }));
    else if (await ask({ text: words.write.toPlainQuestion, yes: words.write.plain }))
      change((before) => ({ ...before, isRich: false, text: textOfHtml(before.html) }));
  };
  useEffect(() => onDraft(first.messageId), []);
  const put = (some: Partial<Draft>): void => change((before) => ({ ...before, ...some }));

  return (
    <section
      className={`composer ${isFront ? '' : 'is-minimised'} ${isDropping ? 'is-dropping' : ''}`}
      aria-labelledby={titleId}
      // Who clicks beside a field and types means the letter: elsewhere each letter would be a command.
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
        if (event.key === 'Escape' && !event.defaultPrevented) void close();
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setIsDropping(true);
      }}
      onDragLeave={() => setIsDropping(false)}
      onDrop={(event) => {
        setIsDropping(false);
        // Images that fell into the text are in it already.
        if (event.dataTransfer.files.length === 0 || event.defaultPrevented) return;
        event.preventDefault();
        attachments.add(event.dataTransfer.files);
      }}
      onPaste={(event) => {
        // What is text, too, was copied as text; and the editor takes an image by itself.
        if (event.clipboardData.files.length === 0 || event.defaultPrevented || event.clipboardData.getData('text/plain') !== '') return;
        event.preventDefault();
        attachments.add(event.clipboardData.files);
      }}
    >
      <header className="composer-head">
        <h2 id={titleId} dir="auto">
          {title}
        </h2>
        <IconButton
          icon={isFront ? 'minimise' : 'maximise'}
          label={isFront ? words.write.minimise : words.write.maximise}
          onClick={() => onFront(!isFront)}
        />
        <IconButton icon="close" label={words.write.close} keys="Escape" isDisabled={sending.isSending} onClick={() => void close()} />
      </header>
      <div className="composer-body" hidden={!isFront}>
        <div className="composer-fields">
          <RecipientsField label={words.write.to} value={draft.to} onChange={(to) => put({ to })} hasFocus={draft.to.length === 0} />
          {hasCopies ? (
            <>
              <RecipientsField label={words.write.cc} value={draft.cc} onChange={(cc) => put({ cc })} hasFocus={isCopyAsked} />
              <RecipientsField label={words.write.bcc} value={draft.bcc} onChange={(bcc) => put({ bcc })} />
            </>
          ) : (
            <button
              type="button"
              className="text-button copies-button"
              onClick={() => {
                setHasCopies(true);
                setIsCopyAsked(true);
              }}
            >
              {words.write.addCc}
            </button>
          )}
          <label className="composer-field">
            <span>{words.write.subject}</span>
            <input type="text" value={draft.subject} dir="auto" onChange={({ target }) => put({ subject: target.value })} />
          </label>
        </div>
        {draft.isRich ? (
          <RichEditor
            html={draft.html}
            hasFocus={draft.to.length > 0}
            onChange={(html) => put({ html })}
            images={images}
            ownCids={() => new Set(inHand.current().attachments.flatMap(({ cid }) => cid ?? []))}
          />
        ) : (
          <textarea
            className="composer-text"
            aria-label={words.write.text}
            dir="auto"
            value={draft.text}
            autoFocus={draft.to.length > 0}
            onFocus={({ target }) => {
              // In an answer one writes above what is quoted.
              if (target.value === first.text) target.setSelectionRange(0, 0);
            }}
            onChange={({ target }) => put({ text: target.value })}
          />
        )}
        <ComposerAttachments
          attachments={draft.attachments.filter(({ isFailed, cid }) => isFailed || cid === undefined || !draft.isRich)}
          onRemove={attachments.remove}
        />
        <div role="alert">{sending.problem === undefined ? null : <p className="problem">{sending.problem}</p>}</div>
        <footer className="composer-foot">
          <button
            type="button"
            className="primary-button"
            disabled={sending.isSending}
            aria-keyshortcuts="Control+Enter"
            onClick={() => void send()}
          >
            <Icon name="send" size={18} />
            {sending.isSending ? words.write.sending : words.write.send}
          </button>
          {longestMs === 0 ? null : (
            <IconButton icon="clock" label={words.write.sendLater} isDisabled={sending.isSending} onClick={() => setIsChoosingTime(true)} />
          )}
          <IconButton icon="attach" label={words.write.attach} onClick={attachments.choose} />
          <button type="button" className="text-button" onClick={() => void toggleRich()}>
            {draft.isRich ? words.write.plain : words.write.rich}
          </button>
          <span className="push" />
          <SavedMark state={inHand.saveState} />
          <IconButton icon="trash" label={words.write.discard} isDisabled={sending.isSending} onClick={() => void discard()} />
        </footer>
        {isChoosingTime ? (
          <SendLaterDialog longestMs={longestMs} onClose={() => setIsChoosingTime(false)} onChoose={(atMs) => void send(atMs)} />
        ) : null}
        {isDropping ? <p className="drop-hint">{words.write.dropHere}</p> : null}
      </div>
    </section>
  );
}

function SavedMark({ state }: { readonly state: SaveState }): ReactNode {
  const { write } = useWords();
  const text = { nothing: '', waiting: '', saving: write.saving, saved: write.saved, failed: write.unsaved }[state];
  return (
    <span className={`saved-mark saved-${state}`} role="status">
      {text}
    </span>
  );
}
