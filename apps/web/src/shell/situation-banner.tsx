import { lazy, Suspense, useState, type ReactNode } from 'react';
import { untilLoaded } from '../offline/until-loaded.ts';
import { usePost, useWaiting } from '../offline/post-around.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';
import { noticesOf } from './situation-text.ts';
import { useSituation } from './use-situation.ts';

/* What is seldom shown, or only when it is asked for. */
const PathList = lazy(async () => ({ default: (await untilLoaded(() => import('./path-list.tsx'))).PathList }));
const RefusedNotice = lazy(async () => ({ default: (await untilLoaded(() => import('./refused-notice.tsx'))).RefusedNotice }));

/** Calm and true: what is down since when, and what that means for what one is doing. */
export function SituationBanner(): ReactNode {
  const words = useWords();
  const { moment } = useFormats();
  const { situation, isOffline } = useSituation();
  const { office } = usePost();
  const { filings, isHeldUp } = useWaiting();
  const [isOpen, setIsOpen] = useState(false);
  const paths = situation?.paths ?? [];
  const notices = noticesOf(paths, words, moment);
  const refusedSince = situation?.mirror.state === 'refused' ? situation.mirror.since : null;
  return (
    <div className="situation" role="status" aria-live="polite">
      {isOffline || isHeldUp ? (
        <p className="banner banner-offline">
          <Icon name="cloud" />
          <span>
            {isOffline ? words.situation.offline : ''} {filings.length > 0 ? words.situation.changesWait(filings.length) : ''}{' '}
            {isHeldUp && office?.isKept === false ? words.situation.doNotClose : ''}
          </span>
        </p>
      ) : null}
      {refusedSince === null ? null : (
        <div className="banner">
          <Icon name="warning" />
          <Suspense>
            <RefusedNotice since={refusedSince} />
          </Suspense>
        </div>
      )}
      {notices.length === 0 ? null : (
        <div className={isOpen ? 'banner' : 'banner is-folded'}>
          <Icon name="cloud" />
          <div className="banner-text">
            {notices.map(({ key, what, so }) => (
              <p key={key}>
                <strong>{what}</strong> <span className="banner-so">{so}</span>
              </p>
            ))}
            <Suspense>{isOpen ? <PathList paths={paths} /> : null}</Suspense>
          </div>
          <button type="button" className="text-button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? words.situation.less : words.situation.more}
          </button>
        </div>
      )}
    </div>
  );
}
