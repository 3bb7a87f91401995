import { useState, type ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { refusalText } from '../composer/refusal-text.ts';
import { plainText } from '../list/address-text.ts';
import type { KeptDraft, Letter } from '../offline/letter.ts';
import { usePost, useWaiting } from '../offline/post-around.tsx';
import type { Said } from '../offline/said.ts';
import { useAsk } from '../shell/ask.tsx';
import { Icon } from '../shell/icons.tsx';
import { useFormats, useSpeech, useWords } from '../words/use-words.ts';
import { useOutboxWords } from './use-outbox-words.ts';

/** What is not at the relay yet: it waits in this browser. */
export function WaitingHere(): ReactNode {
  const words = useWords();
  const { office } = usePost();
  const { letters, drafts, filings, isHeldUp } = useWaiting();
  // Those under way are no matter for anybody.
  const changes = isHeldUp ? filings.length : 0;
  if (letters.length + drafts.length + changes === 0) return null;
  return (
    <>
      <h2>{words.post.title}</h2>
      <p className="hint">{office?.isKept === true ? words.post.lead : words.post.leadInWindow}</p>
      <ul className="outbox-items">
        {letters.map((letter) => (
          <WaitingLetter key={letter.id} letter={letter} />
        ))}
        {drafts.map((kept) => (
          <WaitingDraft key={kept.id} kept={kept} />
        ))}
        {changes === 0 ? null : <WaitingChanges count={changes} sinceMs={filings[0]?.atMs ?? 0} />}
      </ul>
    </>
  );
}

function WaitingLetter({ letter }: { readonly letter: Letter }): ReactNode {
  const { words, formats } = useSpeech();
  const texts = useOutboxWords();
  const { moment } = formats;
  const { office } = usePost();
  const { openTaken } = useComposer();
  const ask = useAsk();
  const [isBusy, setIsBusy] = useState(false);
  const { id, draft, problem, trouble, sendAtMs, isHandedOver } = letter;

  const edit = async (): Promise<void> => {
    openTaken(await office?.toDraft(id, Date.now()));
  };
  const discard = async (): Promise<void> => {
    if (await ask({ text: words.post.discardQuestion, yes: words.post.discard })) await office?.withdraw(id, Date.now());
  };
  const resend = async (): Promise<void> =>
    office?.resend(id, (before) => ({ ...before, isLaying: false, emailId: undefined, isHandedOver: false, problem: undefined }));
  const busy = (run: () => Promise<void>) => () => {
    setIsBusy(true);
    void run().finally(() => setIsBusy(false));
  };
  const people = [...draft.to, ...draft.cc, ...draft.bcc];
  const state = problem === undefined ? words.post.waiting : words.post[problem.kind];
  const question = problem?.kind === 'unsure' || problem?.kind === 'draftGone' ? problem.kind : undefined;
  return (
    <li className="outbox-item">
      <ItemHead subject={draft.subject} kind={words.post.message} atMs={letter.writtenAtMs} />
      <p className={`outbox-recipient state-${problem === undefined ? 'queued' : 'rejected'}`}>
        <span className="state-mark">
          <Icon name={problem === undefined ? 'clock' : 'warning'} size={16} />
          {state}
        </span>
        <span className="outbox-address" dir="auto">
          {plainText(people.map(({ email }) => email).join(', '))}
        </span>
        {sendAtMs === undefined ? null : <span className="outbox-facts">{texts.leaves(moment(new Date(sendAtMs).toISOString()))}</span>}
        <Reason said={problem?.kind === 'refused' ? problem : trouble} />
      </p>
      {question === undefined ? null : (
        <div className="unsure" role="note">
          <p>{words.post[`${question}Text`]}</p>
        </div>
      )}
      <div className="outbox-actions">
        {question === undefined ? null : (
          <button type="button" className="quiet-button" disabled={isBusy} onClick={busy(resend)}>
            {words.post.resend}
          </button>
        )}
        {isHandedOver ? null : (
          <button type="button" className="quiet-button" disabled={isBusy} onClick={busy(edit)}>
            {words.post.edit}
          </button>
        )}
        {isHandedOver && problem === undefined ? null : (
          <button type="button" className="quiet-button" disabled={isBusy} onClick={busy(discard)}>
            {words.post.discard}
          </button>
        )}
      </div>
    </li>
  );
}

function WaitingDraft({ kept }: { readonly kept: KeptDraft }): ReactNode {
  const words = useWords();
  const { office } = usePost();
  const composer = useComposer();
  const ask = useAsk();
  const edit = async (): Promise<void> => {
    if (!composer.show(kept.id)) composer.openTaken(await office?.drafts.takeUp(kept.id));
  };
  const discard = async (): Promise<void> => {
    if (!(await ask({ text: words.post.discardQuestion, yes: words.post.discard }))) return;
    if ((await office?.drafts.discard(kept.id)) === false) composer.openTaken('open');
  };
  return (
    <li className="outbox-item">
      <ItemHead subject={kept.draft.subject} kind={words.post.draft} atMs={kept.atMs} />
      {kept.trouble === undefined ? null : (
        <p className="outbox-recipient">
          <Reason said={kept.trouble} />
        </p>
      )}
      <div className="outbox-actions">
        <button type="button" className="quiet-button" onClick={() => void edit()}>
          {words.post.edit}
        </button>
        <button type="button" className="quiet-button" onClick={() => void discard()}>
          {words.post.discard}
        </button>
      </div>
    </li>
  );
}

/** What was done with messages; they show it themselves. */
function WaitingChanges({ count, sinceMs }: { readonly count: number; readonly sinceMs: number }): ReactNode {
  const words = useWords();
  const { office } = usePost();
  const ask = useAsk();
  const giveUp = async (): Promise<void> => {
    if (await ask({ text: words.post.giveUpQuestion, yes: words.post.discard })) await office?.filings.drop();
  };
  return (
    <li className="outbox-item">
      <ItemHead subject={words.post.changes(count)} kind={words.post.waiting} atMs={sinceMs} />
      <div className="outbox-actions">
        <button type="button" className="quiet-button" onClick={() => void giveUp()}>
          {words.post.discard}
        </button>
      </div>
    </li>
  );
}

/** Why it is not at the relay. */
function Reason({ said }: { readonly said: Said | undefined }): ReactNode {
  const { language } = useSpeech();
  const why = said && (refusalText(said.type, language) ?? said.detail);
  return why === undefined || why === '' ? null : <span className="outbox-reason">{plainText(why)}</span>;
}

function ItemHead({ subject, kind, atMs }: { readonly subject: string; readonly kind: string; readonly atMs: number }): ReactNode {
  const words = useWords();
  const { moment } = useFormats();
  return (
    <div className="outbox-item-head">
      <h3 dir="auto">{plainText(subject) || words.list.noSubject}</h3>
      <span className="outbox-when">
        {kind} · {moment(new Date(atMs).toISOString())}
      </span>
    </div>
  );
}
