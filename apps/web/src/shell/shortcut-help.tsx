import type { ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';
import { Modal } from './modal.tsx';

export function ShortcutHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords();
  return (
    <Modal title={words.keys.title} onClose={onClose}>
      <dl className="keys">
        {words.keys.rows.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
