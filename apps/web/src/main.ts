import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createHttp, sendByBrowser } from './api/http.ts';
import { App } from './app.tsx';
import { createLogInGate } from './login/log-in-gate.ts';
import { createDevice, DeviceContext } from './offline/device.ts';
import { registerWorker } from './offline/register-worker.ts';
import { PreferencesAround } from './settings/preferences-around.tsx';
import { readPreferences } from './settings/preferences.ts';
import { loadSpeech } from './words/use-words.ts';
import './style/all.css';

const SetupPage = lazy(async () => ({ default: (await import('./setup/setup-page.tsx')).SetupPage }));

/** So the relay marks the page while it has no provider. */
const isSetup = document.documentElement.dataset['setup'] !== undefined;
const gate = createLogInGate();
const device = createDevice(localStorage);
const http = createHttp({ send: sendByBrowser, logInAgain: (why) => gate.wait(why) });
const preferences = readPreferences(localStorage, navigator.language);
const speech = await loadSpeech(preferences.language);
const place = document.querySelector('#app');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <PreferencesAround preferences={preferences} speech={speech}>
        <DeviceContext value={device}>
          {isSetup ? (
            <Suspense>
              <SetupPage />
            </Suspense>
          ) : (
            <App http={http} gate={gate} />
          )}
        </DeviceContext>
      </PreferencesAround>
    </StrictMode>,
  );
// What is kept for later must be the mailbox.
if (!isSetup) registerWorker();
