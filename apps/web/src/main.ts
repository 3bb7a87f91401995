/* What comes first, and small: who is logged in, and the screen for the log-in. The mailbox comes behind it, while somebody types. */
import { createHttp, sendByBrowser } from './api/http.ts';
import { startApp } from './app.ts';
import { createLogInGate } from './login/log-in-gate.ts';
import { createDevice } from './offline/device.ts';
import { untilLoaded } from './offline/until-loaded.ts';
import { readPreferences } from './settings/preferences.ts';
import { showTaste } from './settings/show-taste.ts';
import { askFirst } from './shell/first-mail.ts';
import { parsePlace } from './shell/place.ts';
import { firstWords } from './words/first/first-words.ts';
import { loadWords } from './words/load-words.ts';
import './style/first.css';

/** So the relay marks the page while it has no provider. */
const isSetup = document.documentElement.dataset['setup'] !== undefined;
const preferences = readPreferences(localStorage, navigator.language);
showTaste(preferences);
const place = document.querySelector('#app');
if (place !== null) {
  if (isSetup) startSetup(place);
  else startMail(place);
}

function startMail(place: Element): void {
  const device = createDevice(localStorage);
  const gate = createLogInGate(new BroadcastChannel('stopgap.log-in'));
  const http = createHttp({ send: sendByBrowser, logInAgain: (why) => gate.wait(why) });
  const load = () =>
    Promise.all([
      import('./shell/show-mailbox.tsx'),
      loadWords(preferences.language),
      // The device asks for it by itself, but later.
      device.seemsOwn() ? import('./offline/device-store.ts') : undefined,
    ]);
  const coming = load();
  // Whoever needs it learns of it.
  coming.catch(() => undefined);
  startApp({
    place,
    http,
    device,
    words: firstWords(preferences.language),
    onLogIn: () => gate.passed(),
    async showMailbox(person) {
      const first = askFirst(person, http, { place: parsePlace(location.hash), isCollapsed: preferences.showsConversations });
      const [{ showMailbox }, spoken] = await coming.catch(load);
      await showMailbox(place, { preferences, device, http, gate, person, first, spoken });
    },
  });
}

function startSetup(place: Element): void {
  const load = () => Promise.all([import('./setup/show-setup.tsx'), loadWords(preferences.language)]);
  void untilLoaded(load).then(([{ showSetup }, spoken]) => showSetup(place, { preferences, spoken }));
}
