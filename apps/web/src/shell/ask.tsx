import { createContext, use, useCallback, useState, type ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';
import { Modal } from './modal.tsx';

export interface Question {
  readonly text: string;
  readonly yes: string;
  /** Where "Cancel" could be taken for what is asked about. */
  readonly no?: string;
}

/** Asks before something that can not be undone. False: no. */
export type Ask = (question: Question) => Promise<boolean>;

const AskContext = createContext<Ask>(() => Promise.resolve(false));

export function useAsk(): Ask {
  return use(AskContext);
}

export function AskAround({ children }: { readonly children: ReactNode }): ReactNode {
  const words = useWords();
  const [asked, setAsked] = useState<Question & { readonly answer: (isYes: boolean) => void }>();
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((resolve) => {
        setAsked({ ...question, answer: resolve });
      }),
    [],
  );
  const answer = (isYes: boolean): void => {
    asked?.answer(isYes);
    setAsked(undefined);
  };
  return (
    <AskContext value={ask}>
      {children}
      {asked === undefined ? null : (
        <Modal title={asked.text} onClose={() => answer(false)}>
          <div className="modal-foot">
            {/* A key too many, or one that was meant for what was before, destroys nothing. */}
            <button type="button" className="quiet-button" data-first-focus onClick={() => answer(false)}>
              {asked.no ?? words.app.cancel}
            </button>
            <button type="button" className="primary-button" onClick={() => answer(true)}>
              {asked.yes}
            </button>
          </div>
        </Modal>
      )}
    </AskContext>
  );
}
