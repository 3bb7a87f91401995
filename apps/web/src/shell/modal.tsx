import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';
import { IconButton } from './button.tsx';

interface ModalProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Absent: it can not be left without an answer. */
  readonly onClose?: () => void;
  readonly size?: 'small' | 'large';
}

/** The browser's own modal dialog: it keeps the focus inside, gives it back, and closes on Escape. */
export function Modal({ title, children, onClose, size = 'small' }: ModalProps): ReactNode {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  /** Where the mouse button came down first: a text may be marked to beyond the edge, and the second half of a double click was meant for what opened it. */
  const pressed = useRef<EventTarget>(null);
  // Closed while it is still in the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element?.open === false) element.showModal();
    // The browser takes the first thing there is, which is the button that closes it.
    element?.querySelector<HTMLElement>('[data-first-focus=true]')?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`modal modal-${size}`}
      aria-labelledby={titleId}
      // A key that is meant for it is not meant for what it was opened from: Escape would close a letter, too.
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onMouseDown={({ target, detail }) => {
        if (detail < 2) pressed.current = target;
      }}
      onClick={({ target }) => {
        if (target === dialog.current && pressed.current === target) onClose?.();
      }}
    >
      <div className="modal-inside">
        <header className="modal-head">
          <h2 id={titleId}>{title}</h2>
          {onClose === undefined ? null : <IconButton icon="close" label={words.app.close} onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>
  );
}
