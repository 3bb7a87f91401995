import { useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import type { MirrorState } from '../api/outbox.ts';
import { Icon } from '../shell/icons.tsx';
import { useSpeech } from '../words/use-words.ts';
import { MirrorDialog } from './mirror-dialog.tsx';
import { isSeen } from './uncarried.ts';
import { MIRROR_WORDS } from './words.ts';

/** What only a person can do something about, and what could not be done: each said once, until it is over or was looked at. */
export function MirrorNotices({ mirror }: { readonly mirror: MirrorState }): ReactNode {
  const { language, words, formats } = useSpeech();
  const [isOpen, setIsOpen] = useState(false);
  const said = MIRROR_WORDS[language];
  const { state, since, held, notCarriedBack } = mirror;
  const gone = held.reduce((sum, one) => sum + one.gone, 0);
  // What is looked at goes from sight with the window.
  const isNews = notCarriedBack.last !== null && (isOpen || !isSeen(notCarriedBack.last));
  return (
    <>
      {state === 'refused' ? (
        <div className="banner">
          <Icon name="warning" />
          <p>
            <strong>{said.refused(formats.moment(since ?? ''))}</strong> {said.refusedSo}
          </p>
        </div>
      ) : null}
      {gone > 0 || isNews ? (
        <div className="banner is-folded">
          <Icon name="warning" />
          <div className="banner-text">
            {gone > 0 ? (
              <p>
                <strong>{said.held(gone, formats.number(gone))}</strong> <span className="banner-so">{said.heldSo}</span>
              </p>
            ) : null}
            {isNews ? (
              <p>
                <strong>{said.uncarried(notCarriedBack.count)}</strong> <span className="banner-so">{said.uncarriedSo}</span>
              </p>
            ) : null}
          </div>
          <button type="button" className="text-button" onClick={() => setIsOpen(true)}>
            {words.situation.more}
          </button>
        </div>
      ) : null}
      {/* Not within what is read aloud whenever it changes. */}
      {isOpen ? createPortal(<MirrorDialog mirror={mirror} onClose={() => setIsOpen(false)} />, document.body) : null}
    </>
  );
}
