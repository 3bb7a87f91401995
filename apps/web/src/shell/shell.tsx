import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { ComposerAround, useComposer } from '../composer/composer-around.tsx';
import { isDemo } from '../demo/is-demo.ts';
import { untilLoaded } from '../offline/until-loaded.ts';
import { PostAround } from '../offline/post-around.tsx';
import { SEARCH_FIELD_ID } from '../search/search-box.tsx';
import { AskAround } from './ask.tsx';
import { MailboxesAround } from './mailboxes-around.tsx';
import { MailView } from './mail-view.tsx';
import { useListPlace } from './use-place.ts';
import { Sidebar } from './sidebar.tsx';
import { SituationBanner } from './situation-banner.tsx';
import { Loading } from './states.tsx';
import { Title } from './title.ts';
import { TopBar } from './top-bar.tsx';
import { useToasts } from './toasts.tsx';
import { useNoStrayFiles } from './use-no-stray-files.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useWords } from '../words/use-words.ts';

const ProgramDialog = lazy(async () => ({ default: (await untilLoaded(() => import('../programs/program-dialog.tsx'))).ProgramDialog }));
const DemoBar = lazy(async () => ({ default: (await untilLoaded(() => import('../demo/demo-bar.tsx'))).DemoBar }));
/* Few go there, and never first. */
const OutboxScreen = lazy(async () => ({ default: (await untilLoaded(() => import('../outbox/outbox-screen.tsx'))).OutboxScreen }));
const ShortcutHelp = lazy(async () => ({ default: (await untilLoaded(() => import('./shortcut-help.tsx'))).ShortcutHelp }));
const SettingsDialog = lazy(async () => ({ default: (await untilLoaded(() => import('../settings/settings-dialog.tsx'))).SettingsDialog }));

type Overlay = 'settings' | 'keys' | 'programs';

/** The frame around everything a logged-in person sees. @param children over it */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const place = useListPlace();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [overlay, setOverlay] = useState<Overlay>();
  const closeMenu = useCallback(() => setIsMenuOpen(false), []);
  const showKeys = useCallback(() => setOverlay('keys'), []);
  const words = useWords();
  useNoStrayFiles();
  return (
    <AskAround>
      <PostAround>
        <MailboxesAround>
          <ComposerAround>
            <Title place={place} />
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
                {place.kind === 'outbox' ? (
                  <Suspense fallback={<Loading label={words.app.loading} />}>
                    <OutboxScreen />
                  </Suspense>
                ) : (
                  <MailView key={keyOf(place)} listPlace={place} />
                )}
              </div>
            </div>
            <Suspense>
              {overlay === 'settings' ? (
                <SettingsDialog onClose={() => setOverlay(undefined)} onPrograms={() => setOverlay('programs')} />
              ) : null}
              {overlay === 'programs' ? <ProgramDialog onClose={() => setOverlay(undefined)} /> : null}
              {overlay === 'keys' ? <ShortcutHelp onClose={() => setOverlay(undefined)} /> : null}
            </Suspense>
          </ComposerAround>
        </MailboxesAround>
        {children}
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
