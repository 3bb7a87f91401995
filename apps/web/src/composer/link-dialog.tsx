import { useState, type ReactNode } from 'react';
import { Modal } from '../shell/modal.tsx';
import { useWords } from '../words/use-words.ts';

interface LinkDialogProps {
  readonly onClose: () => void;
  readonly onChoose: (address: string) => void;
}

export function LinkDialog({ onClose, onChoose }: LinkDialogProps): ReactNode {
  const words = useWords();
  const [address, setAddress] = useState('https://');
  return (
    <Modal title={words.write.link} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onChoose(address);
        }}
      >
        <input
          type="url"
          required
          pattern="(https?://|mailto:).+"
          data-first-focus
          aria-label={words.write.linkAddress}
          value={address}
          onChange={({ target }) => setAddress(target.value)}
        />
        <div className="modal-foot">
          <button type="button" className="quiet-button" onClick={onClose}>
            {words.app.cancel}
          </button>
          <button type="submit" className="primary-button">
            {words.write.link}
          </button>
        </div>
      </form>
    </Modal>
  );
}
