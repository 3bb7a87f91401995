/*
 * The form for the log-in, of plain elements: on a bad line it is there, and can be typed into, long before the mailbox, whose library alone is eight times
 * as large as all that comes before it.
 */
import type { SessionResource } from '@stopgap/jmap';
import { NoAnswer } from '../api/failures.ts';
import type { Http } from '../api/http.ts';
import { logIn, type LogInResult } from '../api/log-in.ts';
import type { Device } from '../offline/device.ts';
import type { FirstWords } from '../words/first/en.ts';
import { element } from './element.ts';

export interface LogInFormOptions {
  readonly http: Http;
  readonly words: FirstWords['logIn'];
  /** Given: it is known who logs in, and only the password is asked. */
  readonly address?: string;
  /** Given: it is asked whether what is read may stay here. */
  readonly device?: Device;
  readonly onIn: (resource: SessionResource) => void;
}

type Problem = Exclude<LogInResult, { kind: 'in' }> | { readonly kind: 'noAnswer' | 'inClear' };

export function logInForm({ http, words, address, device, onIn }: LogInFormOptions): HTMLFormElement {
  const addressField = addressFieldOf(address);
  const passwordField = passwordFieldOf(address !== undefined);
  const own = device && deviceChoice(device, words);
  const alert = element('div', { role: 'alert' });
  const button = element('button', { type: 'submit', className: 'primary-button', textContent: words.submit });
  const setBusy = (isBusy: boolean): void => {
    Object.assign(button, { disabled: isBusy, ariaBusy: String(isBusy), textContent: isBusy ? words.busy : words.submit });
  };
  const submit = async (): Promise<void> => {
    setBusy(true);
    alert.replaceChildren();
    const result = await logIn(http, addressField.value.trim(), passwordField.value).catch((error: unknown) => {
      if (error instanceof NoAnswer) return { kind: 'noAnswer' } as const;
      throw error;
    });
    if (result.kind === 'in') {
      if (own !== undefined) await device?.setOwn(own.box.checked);
      // It stays busy until something else takes its place.
      onIn(result.resource);
      return;
    }
    setBusy(false);
    alert.append(problemOf(result, words));
    passwordField.select();
  };

  const form = element('form', { className: 'log-in-form' }, [
    element('label', { htmlFor: addressField.id, textContent: words.address }),
    addressField,
    element('div', { className: 'label-line' }, [
      element('label', { htmlFor: passwordField.id, textContent: words.password }),
      showButton(passwordField, words),
    ]),
    passwordField,
    ...(own === undefined ? [] : [own.choice]),
    alert,
    button,
  ]);
  // What the client works with (locks, a service worker) a browser gives to no such page, either.
  if (!window.isSecureContext) {
    button.disabled = true;
    alert.append(problemOf({ kind: 'inClear' }, words));
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  return form;
}

function addressFieldOf(address: string | undefined): HTMLInputElement {
  return element('input', {
    id: 'log-in-address',
    type: 'email',
    name: 'address',
    autocomplete: 'username',
    inputMode: 'email',
    autocapitalize: 'none',
    spellcheck: false,
    required: true,
    readOnly: address !== undefined,
    value: address ?? '',
  });
}

function passwordFieldOf(isFirst: boolean): HTMLInputElement {
  const field = element('input', {
    id: 'log-in-password',
    type: 'password',
    name: 'password',
    autocomplete: 'current-password',
    required: true,
  });
  field.dataset['firstFocus'] = String(isFirst);
  return field;
}

function showButton(field: HTMLInputElement, words: FirstWords['logIn']): HTMLButtonElement {
  const button = element('button', { type: 'button', className: 'text-button', ariaPressed: 'false', textContent: words.show });
  button.addEventListener('click', () => {
    const isShown = field.type === 'password';
    field.type = isShown ? 'text' : 'password';
    Object.assign(button, { ariaPressed: String(isShown), textContent: isShown ? words.hide : words.show });
  });
  return button;
}

function deviceChoice(device: Device, words: FirstWords['logIn']): { readonly box: HTMLInputElement; readonly choice: HTMLElement } {
  const hint = element('p', { id: 'log-in-device-hint', className: 'hint', textContent: words.deviceHint });
  const box = element('input', { type: 'checkbox', name: 'device', checked: device.seemsOwn() });
  box.setAttribute('aria-describedby', hint.id);
  const label = element('label', { className: 'check-line' }, [box, words.device]);
  return { box, choice: element('div', { className: 'device' }, [label, hint]) };
}

function problemOf(problem: Problem, words: FirstWords['logIn']): HTMLElement {
  const { title, hint } = textsOf(problem, words);
  return element('div', { className: `problem problem-${problem.kind}` }, [
    element('strong', { textContent: title }),
    ...(hint === '' ? [] : [element('p', { textContent: hint })]),
  ]);
}

function textsOf(problem: Problem, words: FirstWords['logIn']): { readonly title: string; readonly hint: string } {
  switch (problem.kind) {
    case 'wrong':
      return { title: words.wrong, hint: words.wrongHint };
    case 'tooOften':
      return { title: words.tooOften, hint: whenAgain(problem.retryAfterS, words) };
    case 'notKnown':
      return { title: words.notKnown, hint: `${words.notKnownHint} ${whenAgain(problem.retryAfterS, words)}`.trim() };
    case 'refused':
      return { title: words.refused, hint: problem.detail };
    case 'noAnswer':
      return { title: words.noAnswer, hint: words.noAnswerHint };
    case 'inClear':
      return { title: words.inClear, hint: words.inClearHint };
  }
}

function whenAgain(retryAfterS: number | undefined, words: FirstWords['logIn']): string {
  return retryAfterS === undefined ? '' : words.againIn(Math.ceil(retryAfterS / 60));
}
