import type { FirstWords } from '../words/first/en.ts';
import { element } from './element.ts';

/** As `shell/states.tsx` has them, for before there is a mailbox. */
export function loadingScreen({ app }: FirstWords): HTMLElement {
  return element('div', { className: 'state', role: 'status' }, [
    element('span', { className: 'spinner', ariaHidden: 'true' }),
    element('span', { className: 'visually-hidden', textContent: app.loading }),
  ]);
}

export function failedScreen(text: string, { app, logIn }: FirstWords, onRetry: () => void): HTMLElement {
  const retry = element('button', { type: 'button', className: 'quiet-button', textContent: app.retry });
  retry.addEventListener('click', onRetry);
  return element('main', {}, [
    element('h1', { className: 'visually-hidden', textContent: app.name }),
    element('div', { className: 'state', role: 'alert' }, [
      element('strong', { textContent: text }),
      element('p', { textContent: logIn.noAnswerHint }),
      retry,
    ]),
  ]);
}
