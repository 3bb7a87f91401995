import { useEffect, useId, useMemo, useState, type ReactNode } from 'react';
import { createSetup, type Proposal, type SetupFacts } from '../api/setup.ts';
import { Failed, Loading } from '../shell/states.tsx';
import { usePreferences } from '../settings/use-preferences.ts';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { useWords } from '../words/use-words.ts';
import { AccountStep } from './account-step.tsx';
import { CodeStep } from './code-step.tsx';
import { ProviderStep } from './provider-step.tsx';
import { ReadyStep } from './ready-step.tsx';
import type { Way } from './ways.ts';
import { waysOf } from './ways.ts';
import { WaysStep } from './ways-step.tsx';

/** What has been found out so far. */
export interface Draft {
  readonly address: string;
  readonly proposal: Proposal;
  readonly ways: readonly Way[];
}

type State =
  | { readonly kind: 'looking' | 'failed' | 'code' }
  | { readonly kind: 'open'; readonly facts: SetupFacts }
  | { readonly kind: 'ready'; readonly facts: SetupFacts; readonly state: 'active' | 'pending'; readonly address: string };
type Step = 'provider' | 'ways' | 'account';
const STEPS: readonly Step[] = ['provider', 'ways', 'account'];

/** From nothing to a mailbox in three steps: the provider, the ways to it, the first account. */
export function Wizard({ code: first }: { readonly code: string }): ReactNode {
  const words = useWords();
  const [code, setCode] = useState(first);
  const setup = useMemo(() => createSetup(code), [code]);
  const [state, setState] = useState<State>({ kind: 'looking' });
  const [step, setStep] = useState<Step>('provider');
  const [draft, setDraft] = useState<Draft>();
  const [tries, setTries] = useState(0);

  useEffect(() => {
    setup.look().then(
      (found) => {
        // Somebody has set it up meanwhile: the mailbox is at the same address.
        if (found.kind === 'over') location.replace('/');
        else setState(found);
      },
      () => setState({ kind: 'failed' }),
    );
  }, [setup, tries]);

  const look = (): void => {
    setState({ kind: 'looking' });
    setTries(tries + 1);
  };
  switch (state.kind) {
    case 'looking':
      return <Loading label={words.app.loading} />;
    case 'failed':
      return <Failed text={words.logIn.noAnswer} hint={words.logIn.noAnswerHint} onRetry={look} />;
    case 'code':
      return (
        <Frame>
          <CodeStep
            key={tries}
            isWrong={code !== ''}
            onCode={(given) => {
              setCode(given);
              look();
            }}
          />
        </Frame>
      );
    case 'ready':
      return (
        <Frame>
          <ReadyStep address={state.address} state={state.state} file={state.facts.file} />
        </Frame>
      );
    case 'open':
      return (
        <Frame step={step}>
          {step === 'provider' || draft === undefined ? (
            <ProviderStep
              setup={setup}
              address={draft?.address ?? ''}
              onFound={(address, proposal) => {
                setDraft({ address, proposal, ways: waysOf(proposal) });
                setStep('ways');
              }}
            />
          ) : step === 'ways' ? (
            <WaysStep setup={setup} draft={draft} onDraft={setDraft} onBack={() => setStep('provider')} onNext={() => setStep('account')} />
          ) : (
            <AccountStep
              setup={setup}
              draft={draft}
              onBack={() => setStep('ways')}
              onReady={(result) => setState({ kind: 'ready', facts: state.facts, state: result, address: draft.address })}
            />
          )}
        </Frame>
      );
  }
}

function Frame({ step, children }: { readonly step?: Step; readonly children: ReactNode }): ReactNode {
  const { app } = useWords();
  const words = useSetupWords();
  const { preferences, change } = usePreferences();
  const languageId = useId();
  const now = step === undefined ? -1 : STEPS.indexOf(step);
  useEffect(() => {
    document.title = words.title;
  }, [words]);
  return (
    <main className="setup">
      <div className="setup-card">
        <div className="setup-head">
          <p className="brand">
            <img src="./icon.svg" alt="" width="30" height="30" />
            {app.name}
          </p>
          <label className="visually-hidden" htmlFor={languageId}>
            {words.language}
          </label>
          <select
            id={languageId}
            value={preferences.language}
            onChange={({ target }) => change({ language: target.value === 'de' ? 'de' : 'en' })}
          >
            <option value="en" lang="en">
              English
            </option>
            <option value="de" lang="de">
              Deutsch
            </option>
          </select>
        </div>
        {now < 0 ? null : (
          <ol className="setup-steps" aria-label={words.step(now + 1, STEPS.length)}>
            {words.steps.map((name, index) => (
              <li key={name} aria-current={index === now ? 'step' : undefined} className={index < now ? 'is-done' : ''}>
                {name}
              </li>
            ))}
          </ol>
        )}
        {children}
      </div>
    </main>
  );
}
