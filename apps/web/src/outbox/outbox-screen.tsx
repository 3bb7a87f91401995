import type { ReactNode } from 'react';
import { isFinished } from '../api/outbox.ts';
import { useWaiting } from '../offline/post-around.tsx';
import { MirrorLink } from '../mirror/mirror-link.tsx';
import { Empty, Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { OutboxItem } from './outbox-item.tsx';
import { WaitingHere } from './waiting-here.tsx';
import { useOutbox } from './use-outbox.ts';
import { useOutboxWords } from './use-outbox-words.ts';

/** What has left is of interest for a while. */
const MOST_FINISHED = 30;

/** Every message that was sent here, and where it really is. */
export function OutboxScreen(): ReactNode {
  const words = useWords();
  const texts = useOutboxWords();
  const { entries, isOld, isFailed, retry } = useOutbox();
  const here = useWaiting().letters;
  const waiting = (entries ?? []).filter((entry) => !isFinished(entry));
  const finished = (entries ?? []).filter(isFinished).slice(0, MOST_FINISHED);
  return (
    // What has left has no buttons: one scrolls by keyboard all the same.
    <main className="outbox" tabIndex={0} aria-label={words.outbox.title}>
      <header className="outbox-head">
        <h1>{words.outbox.title}</h1>
        <p>{texts.lead}</p>
      </header>
      <WaitingHere />
      {isFailed ? (
        <Failed text={words.list.failed} onRetry={retry} />
      ) : entries === undefined ? (
        <Loading label={words.app.loading} />
      ) : (
        <>
          {waiting.length + here.length > 0 ? null : isOld ? (
            // A moment after a message was sent it would not be true that everything has left.
            <Loading label={words.app.loading} />
          ) : (
            <Empty icon="check" text={texts.nothing} hint={texts.nothingText} />
          )}
          {waiting.length === 0 ? null : <h2>{words.outbox.waiting(waiting.length)}</h2>}
          <ul className="outbox-items">
            {waiting.map((entry) => (
              <OutboxItem key={entry.id} entry={entry} />
            ))}
          </ul>
          {finished.length === 0 ? null : (
            <>
              <h2>{texts.recent}</h2>
              <ul className="outbox-items">
                {finished.map((entry) => (
                  <OutboxItem key={entry.id} entry={entry} />
                ))}
              </ul>
            </>
          )}
        </>
      )}
      <MirrorLink />
    </main>
  );
}
