import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { PreferencesAround } from '../settings/preferences-around.tsx';
import { readPreferences } from '../settings/preferences.ts';
import { loadSpeech } from '../words/use-words.ts';
import { Wizard } from './wizard.tsx';
import '../style/all.css';
import '../style/setup.css';

/** Behind the #, so that it is in no log of a server or proxy: `http://relay.example.org/#code=abcde-...` */
const code = new URLSearchParams(location.hash.slice(1)).get('code') ?? '';
const preferences = readPreferences(localStorage, navigator.language);
const speech = await loadSpeech(preferences.language);
const place = document.querySelector('#app');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <PreferencesAround preferences={preferences} speech={speech}>
        <Wizard code={code} />
      </PreferencesAround>
    </StrictMode>,
  );
