import { useState, type ReactNode } from 'react';
import { useSituation } from '../shell/use-situation.ts';
import { useSpeech } from '../words/use-words.ts';
import { MirrorDialog } from './mirror-dialog.tsx';
import { MIRROR_WORDS } from './words.ts';

/** In the Outbox they are found again when they were looked at. */
export function MirrorLink(): ReactNode {
  const { language } = useSpeech();
  const { mirror } = useSituation().situation ?? {};
  const [isOpen, setIsOpen] = useState(false);
  if (mirror === undefined || mirror.notCarriedBack.count === 0) return null;
  return (
    <>
      <button type="button" className="text-button" onClick={() => setIsOpen(true)}>
        {MIRROR_WORDS[language].uncarried(mirror.notCarriedBack.count)}
      </button>
      {isOpen ? <MirrorDialog mirror={mirror} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}
