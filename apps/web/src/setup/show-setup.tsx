import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { PreferencesAround } from '../settings/preferences-around.tsx';
import type { Preferences } from '../settings/preferences.ts';
import type { Spoken } from '../words/load-words.ts';
import { SpeechAround } from '../words/speech-around.tsx';
import { Wizard } from './wizard.tsx';
import '../style/mailbox.css';
import '../style/setup.css';

interface SetupOptions {
  readonly preferences: Preferences;
  readonly spoken: Spoken;
}

/** A code in the address stands behind the #, so that it is in no log of a server or proxy: `http://relay.example.org/#code=abcde-...` */
export function showSetup(place: Element, { preferences, spoken }: SetupOptions): void {
  createRoot(place).render(
    <StrictMode>
      <PreferencesAround preferences={preferences}>
        <SpeechAround first={spoken}>
          <Wizard code={new URLSearchParams(location.hash.slice(1)).get('code') ?? ''} />
        </SpeechAround>
      </PreferencesAround>
    </StrictMode>,
  );
}
