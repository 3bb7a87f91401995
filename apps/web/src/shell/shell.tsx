import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { ComposerAround, useComposer } from '../composer/composer-around.tsx';
import { PostAround } from '../offline/post-around.tsx';
import { OutboxScreen } from '../outbox/outbox-screen.tsx';
import { SEARCH_FIELD_ID } from '../search/search-box.tsx';
import { AskAround } from './ask.tsx';
import { MailView } from './mail-view.tsx';
import { usePlace } from './place.ts';
import { ShortcutHelp } from './shortcut-help.tsx';
import { Sidebar } from './sidebar.tsx';
import { SituationBanner } from './situation-banner.tsx';
import { TopBar } from './top-bar.tsx';
import { useToasts } from './toasts.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import { useTitle } from './use-title.ts';

/** Few go there, and never first. */
const SettingsDialog = lazy(async () => ({ default: (await import('../settings/settings-dialog.tsx')).SettingsDialog }));

type Overlay = 'settings' | 'keys';

/** The frame around everything a logged-in person sees. */
export function Shell(): ReactNode {
  const place = usePlace();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [overlay, setOverlay] = useState<Overlay>();
  const closeMenu = useCallback(() => setIsMenuOpen(false), []);
  const showKeys = useCallback(() => setOverlay('keys'), []);
  useTitle(place);
  return (
    <AskAround>
      <PostAround>
        <ComposerAround>
          <KeysEverywhere onHelp={showKeys} />
          <div className="shell">
            <TopBar onMenu={() => setIsMenuOpen(!isMenuOpen)} isMenuOpen={isMenuOpen} onSettings={() => setOverlay('settings')} />
            <SituationBanner />
            <div className="shell-body">
              <Sidebar isOpen={isMenuOpen} onLeave={closeMenu} />
              {place.kind === 'outbox' ? <OutboxScreen /> : <MailView key={keyOf(place)} place={place} />}
            </div>
          </div>
          <Suspense>{overlay === 'settings' ? <SettingsDialog onClose={() => setOverlay(undefined)} /> : null}</Suspense>
          {overlay === 'keys' ? <ShortcutHelp onClose={() => setOverlay(undefined)} /> : null}
        </ComposerAround>
      </PostAround>
    </AskAround>
  );
}

/** What works wherever one is. */
function KeysEverywhere({ onHelp }: { readonly onHelp: () => void }): ReactNode {
  const composer = useComposer();
  const toasts = useToasts();
  useShortcuts({
    c: () => composer.open({ kind: 'new' }),
    z: () => toasts.act(),
    '/': () => document.querySelector<HTMLInputElement>(`#${SEARCH_FIELD_ID}`)?.focus(),
    '?': onHelp,
  });
  return null;
}

/** Another list begins at its top, with nothing selected. */
function keyOf(
  place: { readonly kind: 'mailbox'; readonly mailboxId: string | undefined } | { readonly kind: 'search'; readonly text: string },
): string {
  return place.kind === 'search' ? `search ${place.text}` : `mailbox ${place.mailboxId ?? ''}`;
}
