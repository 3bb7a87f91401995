import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { unsend } from '../api/drafts.ts';
import { MethodFailure } from '../api/failures.ts';
import { decide, listOutbox, type OutboxAction, type OutboxEntry, type OutboxRecipient } from '../api/outbox.ts';
import { plainText } from '../list/address-text.ts';
import { useAsk } from '../shell/ask.tsx';
import { failureText } from '../shell/failure-text.ts';
import { Icon, type IconName } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { routeName } from '../shell/situation-text.ts';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useToasts } from '../shell/toasts.tsx';
import { useFormats, useSpeech, useWords } from '../words/use-words.ts';
import { actedText } from './acted-text.ts';
import { reasonText } from './reason-text.ts';
import { leavesAt, shownState, type ShownState } from './shown-state.ts';
import { triedText, tryingText, untilTried } from './tried-text.ts';
import { useOutboxWords } from './use-outbox-words.ts';

const ICONS: Readonly<Record<ShownState, IconName>> = {
  queued: 'clock',
  leased: 'send',
  delivered: 'check',
  rejected: 'warning',
  unsure: 'help',
  expired: 'warning',
  cancelled: 'close',
  held: 'clock',
};

export function OutboxItem({ entry }: { readonly entry: OutboxEntry }): ReactNode {
  const words = useWords();
  const texts = useOutboxWords();
  const { moment, size } = useFormats();
  const subject = plainText(entry.subject ?? '') || words.list.noSubject;
  return (
    <li className="outbox-item">
      <div className="outbox-item-head">
        <h3 dir="auto">{subject}</h3>
        <span className="outbox-when">
          {texts.sent(moment(entry.acceptedAt))} · {size(entry.sizeBytes)}
        </span>
      </div>
      <ul className="outbox-recipients">
        {entry.recipients.map((recipient) => (
          <RecipientLine key={recipient.address} recipient={recipient} />
        ))}
      </ul>
      {entry.state === 'unsure' ? (
        <div className="unsure" role="note">
          <strong>{texts.unsureTitle}</strong>
          <p>{texts.unsureText}</p>
          <p>{texts.unsureChoices}</p>
        </div>
      ) : null}
      <Actions entry={entry} isDelayed={entry.recipients.some((one) => leavesAt(one) !== undefined)} />
    </li>
  );
}

function RecipientLine({ recipient }: { readonly recipient: OutboxRecipient }): ReactNode {
  const words = useWords();
  const texts = useOutboxWords();
  const { moment } = useFormats();
  const state = shownState(recipient);
  const at = leavesAt(recipient);
  const facts = [
    recipient.route !== null && recipient.state === 'delivered' ? texts.via(routeName(kindOf(recipient.route), words.situation)) : '',
    at === undefined ? '' : texts.leaves(moment(at)),
    state === 'queued' && recipient.tries > 0 ? texts.tries(recipient.tries) : '',
    state === 'queued' && at === undefined && recipient.nextAttemptAt !== null ? texts.next(moment(recipient.nextAttemptAt)) : '',
  ].filter((fact) => fact !== '');
  return (
    <li className={`outbox-recipient state-${state}`}>
      <span className="state-mark">
        <Icon name={ICONS[state]} size={16} />
        {texts.state[state]}
      </span>
      <span className="outbox-address" dir="auto">
        {plainText(recipient.address)}
      </span>
      {facts.length === 0 ? null : <span className="outbox-facts">{facts.join(' · ')}</span>}
      {recipient.reason === null || state === 'delivered' ? null : <Why reason={recipient.reason} reasonClass={recipient.reasonClass} />}
    </li>
  );
}

/** In the reader's language, and in the words of the relay or the server, which say more. */
function Why({ reason, reasonClass }: { readonly reason: string; readonly reasonClass: string | null }): ReactNode {
  const said = reasonText(reasonClass, useSpeech().language);
  return (
    <p className="outbox-reason">
      {said === undefined ? null : `${said} `}
      <span lang="en">{plainText(reason)}</span>
    </p>
  );
}

/** @param isDelayed it waits because it was asked to, not because somebody holds it */
function Actions({ entry, isDelayed }: { readonly entry: OutboxEntry; readonly isDelayed: boolean }): ReactNode {
  const { id, actions } = entry;
  const tree = useMailboxes();
  const { words, language, formats } = useSpeech();
  const texts = useOutboxWords();
  const jmap = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const ask = useAsk();
  const [isBusy, setIsBusy] = useState(false);
  if (actions.length === 0) return null;
  const tellWhatCame = async (): Promise<void> => {
    toasts.show({ text: tryingText(language) });
    const look = async (): Promise<OutboxEntry | undefined> => (await listOutbox(jmap)).find((one) => one.id === id);
    const say = (now: OutboxEntry): string | undefined => triedText(now, entry, { language, moment: formats.moment });
    // Without a connection the banner says so.
    const text = await untilTried(look, say, language).catch(() => undefined);
    if (text !== undefined) toasts.show({ text, yields: true });
  };
  const run = async (action: OutboxAction): Promise<void> => {
    // Nothing of it has left, and it was written here: then it can be a draft again.
    const isWhole = action === 'cancel' && entry.sendAt !== null && entry.recipients.every(({ state }) => state === 'queued');
    const draftsId = isWhole ? tree?.byRole('drafts')?.mailbox.id : undefined;
    const question = draftsId === undefined ? texts.cancelQuestion : texts.cancelToDrafts;
    if (action === 'cancel' && !(await ask({ text: question, yes: texts.cancel, no: texts.keep }))) return;
    setIsBusy(true);
    try {
      if (draftsId === undefined) {
        const text = actedText(action, await decide(jmap, id, action), language);
        if (text !== undefined) toasts.show({ text });
        else if (action === 'sendNow') void tellWhatCame();
      } else {
        await unsend(jmap, id, draftsId);
        toasts.show({ text: words.write.calledBack });
      }
    } catch (error) {
      const isTooLate = error instanceof MethodFailure && error.type === 'cannotUnsend';
      toasts.show({ text: isTooLate ? words.write.tooLate : failureText(error, words), kind: 'failed' });
    } finally {
      for (const key of ['list', 'mailboxes', 'message']) void client.invalidateQueries({ queryKey: [key] });
      await client.invalidateQueries({ queryKey: ['outbox'] });
      setIsBusy(false);
    }
  };
  return (
    <div className="outbox-actions">
      {actions.map((action) => (
        <button
          key={action}
          type="button"
          className="quiet-button"
          disabled={isBusy}
          title={action === 'resend' ? texts.resendHint : undefined}
          onClick={() => void run(action)}
        >
          {texts[action === 'release' && isDelayed ? 'leaveNow' : action]}
        </button>
      ))}
    </div>
  );
}

/** Of a path's id, `provider direction kind place`. */
function kindOf(route: string): string {
  return route.split(' ')[2] ?? route;
}
