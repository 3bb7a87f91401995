import { useState, type ReactNode } from 'react';
import { createMailbox } from '../api/mailboxes.ts';
import { useQueryClient } from '@tanstack/react-query';
import { failureText } from '../shell/failure-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import type { MailboxNode } from '../shell/mailbox-tree.ts';
import { Modal } from '../shell/modal.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useWords } from '../words/use-words.ts';

interface MoveDialogProps {
  readonly onClose: () => void;
  readonly onChoose: (to: MailboxNode) => void;
}

export function MoveDialog({ onClose, onChoose }: MoveDialogProps): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const nodes = useMailboxes()?.nodes ?? [];
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = nodes.filter(({ path }) => path.toLowerCase().includes(wanted));
  const create = async (): Promise<void> => {
    const name = text.trim();
    try {
      const id = await createMailbox(jmap, { name, parentId: null });
      await client.invalidateQueries({ queryKey: ['mailboxes'] });
      const mailbox = { id, name, parentId: null, role: null, sortOrder: 0, totalEmails: 0, unreadEmails: 0 };
      onChoose({ mailbox, depth: 0, label: name, path: name });
    } catch (error) {
      toasts.show({ text: failureText(error, words), kind: 'failed' });
    }
  };
  return (
    <Modal title={words.folders.toMove} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const [first] = found;
          if (first !== undefined) onChoose(first);
        }}
      >
        <input
          type="text"
          data-first-focus
          aria-label={words.folders.find}
          placeholder={words.folders.find}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </form>
      <ul className="choices">
        {found.map((node) => (
          <li key={node.mailbox.id}>
            <button
              type="button"
              className={`choice folder-depth-${wanted === '' ? Math.min(node.depth, 4) : 0}`}
              onClick={() => onChoose(node)}
            >
              <Icon name={node.mailbox.role === 'inbox' ? 'inbox' : 'folder'} size={18} />
              {wanted === '' ? node.label : node.path}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p>{words.folders.none}</p> : null}
      {wanted !== '' && !nodes.some(({ label }) => label.toLowerCase() === wanted) ? (
        <button type="button" className="quiet-button" onClick={() => void create()}>
          {words.folders.create}: {text.trim()}
        </button>
      ) : null}
    </Modal>
  );
}
