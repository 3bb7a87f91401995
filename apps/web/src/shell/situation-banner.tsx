import { lazy, Suspense, useState, type ReactNode } from 'react';
import { untilLoaded } from '../offline/until-loaded.ts';
import { usePost, useWaiting } from '../offline/post-around.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { Icon } from './icons.tsx';
import { noticesOf } from './situation-text.ts';
import { useSituation } from './use-situation.ts';

/* What is seldom shown, or only when it is asked for. */
const PathList = lazy(async () => ({ default: (await untilLoaded(() => import('./path-list.tsx'))).PathList }));
const MirrorNotices = lazy(async () => ({ default: (await untilLoaded(() => import('../mirror/mirror-notices.tsx'))).MirrorNotices }));

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
  const mirror = situation?.mirror;
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
      <Suspense>
        {mirror !== undefined && (mirror.state === 'refused' || mirror.held[0] !== undefined || mirror.notCarriedBack.count > 0) ? (
          <MirrorNotices mirror={mirror} />
        ) : null}
      </Suspense>
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
