import type { LogInFormOptions } from '../login/log-in-form.ts';
import { logIn } from '../api/log-in.ts';
import { element } from '../login/element.ts';
import { readDemo } from './demo-api.ts';
import './demo.css';

/** The practice accounts, to be entered with one press. Undefined: there are none. @throws HttpFailure, NoAnswer */
export async function demoLogIns({
  http,
  words,
  onIn,
}: Pick<LogInFormOptions, 'http' | 'words' | 'onIn'>): Promise<HTMLElement | undefined> {
  const accounts = (await readDemo(http))?.accounts ?? [];
  if (accounts.length === 0) return undefined;
  const buttons = accounts.map(({ name, address, password }) => {
    const hint = element('span', { className: 'hint', textContent: `${address}, ${password}` });
    const button = element('button', { type: 'button', className: 'quiet-button' }, [name, hint]);
    button.addEventListener('click', () => void enter(address, password));
    return button;
  });
  const setBusy = (isBusy: boolean): void => {
    for (const button of buttons) button.disabled = isBusy;
  };
  const enter = async (address: string, password: string): Promise<void> => {
    setBusy(true);
    const result = await logIn(http, address, password).catch(() => undefined);
    if (result?.kind === 'in') onIn(result.resource);
    else setBusy(false);
  };
  return element('section', { className: 'demo-log-ins', ariaLabel: words.practice }, [
    element('p', { textContent: words.practiceText }),
    ...buttons,
  ]);
}
