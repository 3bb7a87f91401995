import type { ReactNode } from 'react';
import { useFormats, useWords } from '../words/use-words.ts';
import { useSituation } from './use-situation.ts';

/** A few more or less is what happens all day. */
const MOST_UNSAID = 20;

/** How much of the mailbox is here, while not all of it is. */
export function MirrorProgress(): ReactNode {
  const words = useWords();
  const { number } = useFormats();
  const { mirror } = useSituation().situation ?? {};
  if (mirror === undefined) return null;
  const { progress, pendingChanges } = mirror;
  const isBehind = progress !== null && progress.total - progress.messages > MOST_UNSAID;
  return (
    <div className="mirror-progress">
      {isBehind ? (
        <>
          <p id="mirror-progress-text">{words.situation.mirror(number(progress.messages), number(progress.total))}</p>
          <progress aria-labelledby="mirror-progress-text" max={progress.total} value={progress.messages} />
        </>
      ) : null}
      {pendingChanges > 0 ? <p>{words.situation.carry(pendingChanges)}</p> : null}
    </div>
  );
}
