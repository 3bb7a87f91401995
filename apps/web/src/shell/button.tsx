import type { MouseEventHandler, ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

interface IconButtonProps {
  readonly icon: IconName;
  /** Read aloud, and shown when the pointer rests on it. */
  readonly label: string;
  readonly onClick: MouseEventHandler;
  /** As `aria-keyshortcuts` takes it. */
  readonly keys?: string;
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
  readonly className?: string;
}

export function IconButton({ icon, label, onClick, keys, isPressed, isDisabled, className = '' }: IconButtonProps): ReactNode {
  const title = keys === undefined ? label : `${label} (${keys})`;
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={label}
      title={title}
      aria-keyshortcuts={keys}
      aria-pressed={isPressed}
      disabled={isDisabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
