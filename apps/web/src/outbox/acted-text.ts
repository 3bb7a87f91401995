/* What came of a decision about a message, where that is not what was asked for. Both languages stand here: only who opens the Outbox needs them. */
import type { Acted, OutboxAction } from '../api/outbox.ts';
import type { Language } from '../words/load-words.ts';

type Outcome = 'leavesAnyway' | 'leavesOrHeld' | 'nothing';

const TEXTS: Readonly<Record<Language, Readonly<Record<Outcome, string>>>> = {
  en: {
    leavesAnyway: 'What is leaving at this moment can not be stopped. If it turns out not to have left, it is not sent again.',
    leavesOrHeld: 'What is leaving at this moment can not be held. If it turns out not to have left, it waits on hold.',
    nothing: 'Nothing was changed: it has moved on since this list was loaded. How it stands now is shown here.',
  },
  de: {
    leavesAnyway:
      'Was gerade hinausgeht, ist nicht mehr aufzuhalten. Stellt sich heraus, dass es nicht hinaus ist, wird es nicht noch einmal gesendet.',
    leavesOrHeld: 'Was gerade hinausgeht, ist nicht mehr anzuhalten. Stellt sich heraus, dass es nicht hinaus ist, wartet es angehalten.',
    nothing: 'Es hat sich nichts geändert: Sie ist weiter, als diese Liste es zeigte. Wie es jetzt steht, sehen Sie hier.',
  },
};

/** Undefined: it was done, and the list shows it. */
export function actedText(action: OutboxAction, { changed, underWay }: Acted, language: Language): string | undefined {
  const said = TEXTS[language];
  if (underWay > 0 && action === 'cancel') return said.leavesAnyway;
  if (underWay > 0 && action === 'hold') return said.leavesOrHeld;
  return changed === 0 ? said.nothing : undefined;
}
