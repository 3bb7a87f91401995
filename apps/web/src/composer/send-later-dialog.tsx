import { useId, useState, type ReactNode } from 'react';
import { Modal } from '../shell/modal.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { fieldValueOf, laterChoices } from './later-choices.ts';

interface SendLaterDialogProps {
  /** How far ahead the relay takes it. */
  readonly longestMs: number;
  readonly onClose: () => void;
  readonly onChoose: (atMs: number) => void;
}

export function SendLaterDialog({ longestMs, onClose, onChoose }: SendLaterDialogProps): ReactNode {
  const words = useWords();
  const { long } = useFormats();
  const id = useId();
  const [nowMs] = useState(() => Date.now());
  const [own, setOwn] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const chooseOwn = (): void => {
    // A time that the person's clock shows.
    const atMs = new Date(own).getTime();
    if (atMs > Date.now() && atMs <= Date.now() + longestMs) onChoose(atMs);
    else setIsWrong(true);
  };
  return (
    <Modal title={words.later.title} onClose={onClose}>
      <div className="later-choices">
        {laterChoices(nowMs)
          .filter(({ atMs }) => atMs <= nowMs + longestMs)
          .map(({ kind, atMs }, index) => (
            <button key={kind} type="button" className="later-choice" data-first-focus={index === 0} onClick={() => onChoose(atMs)}>
              <strong>{words.later[kind]}</strong>
              <span>{long(new Date(atMs).toISOString())}</span>
            </button>
          ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          chooseOwn();
        }}
      >
        <label htmlFor={id}>{words.later.own}</label>
        <input
          id={id}
          type="datetime-local"
          required
          min={fieldValueOf(nowMs)}
          max={fieldValueOf(nowMs + longestMs)}
          value={own}
          onChange={({ target }) => {
            setIsWrong(false);
            setOwn(target.value);
          }}
        />
        <div role="alert">{isWrong ? <p className="problem">{words.later.wrong(Math.floor(longestMs / 86_400_000))}</p> : null}</div>
        <div className="modal-foot">
          <button type="button" className="quiet-button" onClick={onClose}>
            {words.app.cancel}
          </button>
          <button type="submit" className="primary-button">
            {words.write.sendLater}
          </button>
        </div>
      </form>
    </Modal>
  );
}
