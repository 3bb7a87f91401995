import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { createMailbox } from '../api/mail.ts';
import { useWords } from '../words/use-words.ts';
import { failureText } from './failure-text.ts';
import { useJmap } from './mail-session.tsx';
import { Modal } from './modal.tsx';
import { goTo } from './place.ts';
import { useToasts } from './toasts.tsx';

export function NewFolder(): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const create = async (): Promise<void> => {
    try {
      const mailboxId = await createMailbox(jmap, name.trim(), null);
      await client.invalidateQueries({ queryKey: ['mailboxes'] });
      setIsOpen(false);
      setName('');
      goTo({ kind: 'mailbox', mailboxId });
    } catch (error) {
      toasts.show({ text: failureText(error, words), kind: 'failed' });
    }
  };
  return (
    <>
      <button type="button" className="text-button new-folder" onClick={() => setIsOpen(true)}>
        {words.folders.create}
      </button>
      {isOpen ? (
        <Modal title={words.folders.create} onClose={() => setIsOpen(false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void create();
            }}
          >
            <input
              type="text"
              required
              data-first-focus
              aria-label={words.folders.name}
              placeholder={words.folders.name}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
            <div className="modal-foot">
              <button type="button" className="quiet-button" onClick={() => setIsOpen(false)}>
                {words.app.cancel}
              </button>
              <button type="submit" className="primary-button">
                {words.app.save}
              </button>
            </div>
          </form>
        </Modal>
      ) : null}
    </>
  );
}
