import type { ReactNode } from 'react';
import { LabelChips } from '../list/label-chips.tsx';

export function MessageLabels({ keywords }: { readonly keywords: readonly string[] }): ReactNode {
  if (keywords.length === 0) return null;
  return (
    <p className="message-labels">
      <LabelChips keywords={keywords} />
    </p>
  );
}
