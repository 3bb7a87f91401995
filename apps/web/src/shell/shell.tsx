import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { ComposerAround, useComposer } from '../composer/composer-around.tsx';
import { isDemo } from '../demo/is-demo.ts';
import { PostAround } from '../offline/post-around.tsx';
import { OutboxScreen } from '../outbox/outbox-screen.tsx';
import { SEARCH_FIELD_ID } from '../search/search-box.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
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

const ProgramDialog = lazy(async () => ({ default: (await import('../programs/program-dialog.tsx')).ProgramDialog }));
const DemoBar = lazy(async () => ({ default: (await import('../demo/demo-bar.tsx')).DemoBar }));

type Overlay = 'settings' | 'keys' | 'programs';

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
            {isDemo() ? (
              <Suspense>
                <DemoBar />
              </Suspense>
            ) : null}
            <TopBar onMenu={() => setIsMenuOpen(!isMenuOpen)} isMenuOpen={isMenuOpen} onSettings={() => setOverlay('settings')} />
            <SituationBanner />
            <div className="shell-body">
              <Sidebar isOpen={isMenuOpen} onLeave={closeMenu} />
              {place.kind === 'outbox' ? <OutboxScreen /> : <MailView key={keyOf(place)} place={place} />}
            </div>
          </div>
          {overlay === 'settings' ? (
            <SettingsDialog onClose={() => setOverlay(undefined)} onPrograms={() => setOverlay('programs')} />
          ) : null}
          {overlay === 'programs' ? (
            <Suspense>
              <ProgramDialog onClose={() => setOverlay(undefined)} />
            </Suspense>
          ) : null}
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
