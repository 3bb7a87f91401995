import type { ReactNode } from 'react';
import { useFormats, useWords } from '../words/use-words.ts';
import { useSituation } from './use-situation.ts';

/** How much of the mailbox is here, while not all of it is. */
export function MirrorProgress(): ReactNode {
  const words = useWords();
  const { number } = useFormats();
  const { mirror } = useSituation().situation ?? {};
  if (mirror === undefined) return null;
  const isBehind = mirror.total > mirror.messages;
  return (
    <div className="mirror-progress">
      {isBehind ? (
        <>
          <p id="mirror-progress-text">{words.situation.mirror(number(mirror.messages), number(mirror.total))}</p>
          <progress aria-labelledby="mirror-progress-text" max={mirror.total} value={mirror.messages} />
        </>
      ) : null}
      {mirror.pendingIntents > 0 ? <p>{words.situation.carry(mirror.pendingIntents)}</p> : null}
    </div>
  );
}
