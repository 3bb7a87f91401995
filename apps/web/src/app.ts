import type { SessionResource } from '@stopgap/jmap';
import { HttpFailure, NoAnswer } from './api/failures.ts';
import type { Http } from './api/http.ts';
import { logInScreen } from './login/log-in-screen.ts';
import { failedScreen, loadingScreen } from './login/state-screens.ts';
import type { Device } from './offline/device.ts';
import { personOf, whoIsIn, type Person } from './offline/who-is-in.ts';
import type { FirstWords } from './words/first/en.ts';

export interface AppOptions {
  readonly place: Element;
  readonly http: Http;
  readonly device: Device;
  readonly words: FirstWords;
  readonly onLogIn: () => void;
  /** Whatever stands in the place gives way to the mailbox. Rejects when a part of the client does not come; it may be asked again. */
  readonly showMailbox: (person: Person) => Promise<void>;
}

/** Nobody, or somebody: the log-in screen or the mailbox. */
export function startApp({ place, http, device, words, onLogIn, showMailbox }: AppOptions): void {
  const look = (): void => {
    place.replaceChildren(loadingScreen(words));
    void show(whoIsIn(http, device));
  };
  const show = async (who: Promise<Person | undefined>): Promise<void> => {
    try {
      const person = await who;
      if (person !== undefined) return await showMailbox(person);
      const onIn = (resource: SessionResource): void => {
        onLogIn();
        void show(personOf(resource, device));
      };
      place.replaceChildren(logInScreen({ http, device, words, onIn }));
    } catch (error) {
      const isNoAnswer = error instanceof HttpFailure || error instanceof NoAnswer;
      place.replaceChildren(
        isNoAnswer ? failedScreen(words.logIn.noAnswer, words, look) : failedScreen(words.logIn.unfinished, words, loadAgain),
      );
    }
  };
  /** From the page on, which may be that of another build by now; but only while the relay answers, or the browser would show a page of its own. */
  const loadAgain = (): void => {
    place.replaceChildren(loadingScreen(words));
    http.once(location.pathname).then(
      () => location.reload(),
      () => place.replaceChildren(failedScreen(words.logIn.unfinished, words, loadAgain)),
    );
  };
  look();
}
