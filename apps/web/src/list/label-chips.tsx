import type { ReactNode } from 'react';
import { plainText } from './address-text.ts';
import { labelColour } from './labels.ts';
import { useLabels } from './use-labels.ts';

interface LabelChipsProps {
  readonly keywords: readonly string[];
  /** Given: of more, only the number is shown. */
  readonly most?: number;
}

export function LabelChips({ keywords, most = Infinity }: LabelChipsProps): ReactNode {
  const { nameOf } = useLabels();
  const left = keywords.length - most;
  return (
    <>
      {keywords.slice(0, most).map((keyword) => (
        <span key={keyword} className={`label label-${labelColour(keyword)}`}>
          {plainText(nameOf(keyword))}
        </span>
      ))}
      {left > 0 ? <span className="label">+{left}</span> : null}
    </>
  );
}
