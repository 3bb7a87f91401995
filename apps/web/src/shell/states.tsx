import type { ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';
import { Icon, type IconName } from './icons.tsx';

export function Loading({ label }: { readonly label: string }): ReactNode {
  return (
    <div className="state" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className="visually-hidden">{label}</span>
    </div>
  );
}

interface FailedProps {
  readonly text: string;
  readonly hint?: string;
  readonly onRetry?: () => void;
}

export function Failed({ text, hint, onRetry }: FailedProps): ReactNode {
  const words = useWords();
  return (
    <div className="state" role="alert">
      <Icon name="warning" size={36} />
      <strong>{text}</strong>
      {hint === undefined ? null : <p>{hint}</p>}
      {onRetry === undefined ? null : (
        <button type="button" className="quiet-button" onClick={onRetry}>
          {words.app.retry}
        </button>
      )}
    </div>
  );
}

interface EmptyProps {
  readonly icon: IconName;
  readonly text: string;
  readonly hint?: string;
}

export function Empty({ icon, text, hint }: EmptyProps): ReactNode {
  return (
    <div className="state">
      <Icon name={icon} size={40} />
      <strong>{text}</strong>
      {hint === undefined ? null : <p>{hint}</p>}
    </div>
  );
}
