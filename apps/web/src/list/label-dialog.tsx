import { useState, type ReactNode } from 'react';
import type { Target } from '../offline/filing.ts';
import { Modal } from '../shell/modal.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useWords } from '../words/use-words.ts';
import { plainText } from './address-text.ts';
import { labelColour } from './labels.ts';
import { useLabels } from './use-labels.ts';
import { useMessageActions } from './use-message-actions.ts';
import { withKeyword } from './with-keyword.ts';

/** Names longer than this are no help. */
const LONGEST_NAME = 60;

interface LabelDialogProps {
  readonly targets: readonly Target[];
  readonly onClose: () => void;
}

/** Which labels messages have; typing finds one, or makes another. */
export function LabelDialog({ targets, onClose }: LabelDialogProps): ReactNode {
  const words = useWords();
  const labels = useLabels();
  const toasts = useToasts();
  const { setKeyword } = useMessageActions();
  const [text, setText] = useState('');
  /** With what was changed here. */
  const [now, setNow] = useState(targets);
  const wanted = text.trim().toLowerCase();
  const all = [...new Set([...words.labels.known.map((_, index) => `$label${index + 1}`), ...labels.keywords])];
  const found = all.filter((keyword) => labels.nameOf(keyword).toLowerCase().includes(wanted));
  const isNew = wanted !== '' && !found.some((keyword) => labels.nameOf(keyword).toLowerCase() === wanted);
  const countOf = (keyword: string): number => now.filter(({ keywords }) => Object.hasOwn(keywords, keyword)).length;
  const toggle = (keyword: string): void => {
    const isSet = countOf(keyword) < now.length;
    void setKeyword(now, keyword, isSet);
    labels.add(keyword);
    setNow(now.map((one) => withKeyword(one, keyword, isSet)));
  };
  const make = (): void => {
    const keyword = labels.keywordOf(text);
    if (keyword === undefined) {
      toasts.show({ text: words.labels.impossible, kind: 'failed' });
      return;
    }
    if (countOf(keyword) < now.length) toggle(keyword);
    setText('');
  };
  return (
    <Modal title={words.labels.title(targets.length)} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const [first] = found;
          if (wanted === '') onClose();
          else if (isNew || first === undefined) make();
          else {
            toggle(first);
            setText('');
          }
        }}
      >
        <input
          type="text"
          data-first-focus
          maxLength={LONGEST_NAME}
          aria-label={words.labels.find}
          placeholder={words.labels.find}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </form>
      <ul className="choices">
        {found.map((keyword) => {
          const count = countOf(keyword);
          return (
            <li key={keyword}>
              <label className="choice">
                <input
                  type="checkbox"
                  checked={count === now.length}
                  ref={(box) => {
                    if (box !== null) box.indeterminate = count > 0 && count < now.length;
                  }}
                  onChange={() => toggle(keyword)}
                />
                <span className={`label label-${labelColour(keyword)}`}>{plainText(labels.nameOf(keyword))}</span>
              </label>
            </li>
          );
        })}
      </ul>
      {isNew ? (
        <button type="button" className="quiet-button" onClick={make}>
          {words.labels.create}: {text.trim()}
        </button>
      ) : null}
    </Modal>
  );
}
