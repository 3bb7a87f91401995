import type { ReactNode } from 'react';
import { useSpeech } from '../words/use-words.ts';
import { Modal } from './modal.tsx';
import { KEYS } from './shortcut-words.ts';

export function ShortcutHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { title, rows } = KEYS[useSpeech().language];
  return (
    <Modal title={title} onClose={onClose}>
      <dl className="keys">
        {rows.map(([keys, what]) => (
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
