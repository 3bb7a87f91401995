import { useId, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { NoAnswer } from '../api/failures.ts';
import type { Http } from '../api/http.ts';
import { logIn, type LogInResult } from '../api/log-in.ts';
import { useDevice } from '../offline/device.ts';
import type { Words } from '../words/en.ts';
import { useWords } from '../words/use-words.ts';

interface LogInFormProps {
  readonly http: Http;
  /** Given: it is known who logs in, and only the password is asked. */
  readonly address?: string;
  /** Whether what is read may stay here. */
  readonly asksForDevice?: boolean;
  readonly onIn: () => void;
}

type Problem = Exclude<LogInResult, { kind: 'in' }> | { readonly kind: 'noAnswer' };

export function LogInForm({ http, address, asksForDevice = false, onIn }: LogInFormProps): ReactNode {
  const words = useWords();
  const [typedAddress, setTypedAddress] = useState(address ?? '');
  const [password, setPassword] = useState('');
  const device = useDevice();
  const [isOwn, setIsOwn] = useState(() => device.seemsOwn());
  const [isShown, setIsShown] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const passwordField = useRef<HTMLInputElement>(null);
  const addressId = useId();
  const passwordId = useId();

  const submit = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(undefined);
    const result = await logIn(http, typedAddress.trim(), password).catch((error: unknown) => {
      if (error instanceof NoAnswer) return { kind: 'noAnswer' } as const;
      throw error;
    });
    if (result.kind === 'in' && asksForDevice) await device.setOwn(isOwn);
    setIsBusy(false);
    if (result.kind === 'in') {
      onIn();
      return;
    }
    setProblem(result);
    passwordField.current?.select();
  };

  return (
    <form
      className="log-in-form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label htmlFor={addressId}>{words.logIn.address}</label>
      <input
        id={addressId}
        type="email"
        name="address"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        readOnly={address !== undefined}
        value={typedAddress}
        onChange={({ target }) => setTypedAddress(target.value)}
      />
      <div className="label-line">
        <label htmlFor={passwordId}>{words.logIn.password}</label>
        <button type="button" className="text-button" aria-pressed={isShown} onClick={() => setIsShown(!isShown)}>
          {isShown ? words.logIn.hide : words.logIn.show}
        </button>
      </div>
      <input
        ref={passwordField}
        id={passwordId}
        type={isShown ? 'text' : 'password'}
        name="password"
        autoComplete="current-password"
        data-first-focus={address !== undefined}
        required
        value={password}
        onChange={({ target }) => setPassword(target.value)}
      />
      {asksForDevice ? (
        <div className="device">
          <label className="check-line">
            <input
              type="checkbox"
              name="device"
              checked={isOwn}
              aria-describedby={`${addressId}-device`}
              onChange={({ target }) => setIsOwn(target.checked)}
            />
            {words.logIn.device}
          </label>
          <p id={`${addressId}-device`} className="hint">
            {words.logIn.deviceHint}
          </p>
        </div>
      ) : null}
      <div role="alert">{problem === undefined ? null : <ProblemText problem={problem} />}</div>
      <button type="submit" className="primary-button" disabled={isBusy} aria-busy={isBusy}>
        {isBusy ? words.logIn.busy : words.logIn.submit}
      </button>
    </form>
  );
}

function ProblemText({ problem }: { readonly problem: Problem }): ReactNode {
  const { title, hint } = textsOf(problem, useWords());
  return (
    <div className={`problem problem-${problem.kind}`}>
      <strong>{title}</strong>
      {hint === '' ? null : <p>{hint}</p>}
    </div>
  );
}

function textsOf(problem: Problem, { logIn: words }: Words): { readonly title: string; readonly hint: string } {
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
  }
}

function whenAgain(retryAfterS: number | undefined, words: Words['logIn']): string {
  return retryAfterS === undefined ? '' : words.againIn(Math.ceil(retryAfterS / 60));
}
