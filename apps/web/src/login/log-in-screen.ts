import type { SessionResource } from '@stopgap/jmap';
import type { Http } from '../api/http.ts';
import { isDemo } from '../demo/is-demo.ts';
import type { Device } from '../offline/device.ts';
import type { FirstWords } from '../words/first/en.ts';
import { element } from './element.ts';
import { logInForm } from './log-in-form.ts';

export interface LogInScreenOptions {
  readonly http: Http;
  readonly device: Device;
  readonly words: FirstWords;
  readonly onIn: (resource: SessionResource) => void;
}

export function logInScreen({ http, device, words, onIn }: LogInScreenOptions): HTMLElement {
  const foot = element('p', { className: 'log-in-foot' }, [element('a', { href: '/status', textContent: words.logIn.status })]);
  const card = element('div', { className: 'log-in-card' }, [
    element('p', { className: 'brand' }, [element('img', { src: './icon.svg', alt: '', width: 36, height: 36 }), words.app.name]),
    element('h1', { textContent: words.logIn.title }),
    element('p', { className: 'lead', textContent: words.logIn.lead }),
    logInForm({ http, device, words: words.logIn, onIn }),
    foot,
  ]);
  if (isDemo()) {
    // Whoever does not get it has the fields to log in by.
    import('../demo/demo-log-ins.ts')
      .then(({ demoLogIns }) => demoLogIns({ http, words: words.logIn, onIn }))
      .then(
        (section) => section && foot.before(section),
        () => undefined,
      );
  }
  return element('main', { className: 'log-in' }, [card]);
}
