import { useId, useState, type ReactNode } from 'react';
import type { FirstSteps, Obstacle, Setup } from '../api/setup.ts';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { useWords } from '../words/use-words.ts';
import { goOn } from './go-on.ts';
import { StepForm } from './step-form.tsx';
import { usedPaths } from './ways.ts';
import type { Draft } from './wizard.tsx';

interface AccountStepProps {
  readonly setup: Setup;
  readonly draft: Draft;
  readonly onBack: () => void;
  readonly onReady: (state: 'active' | 'pending') => void;
}

export function AccountStep({ setup, draft, onBack, onReady }: AccountStepProps): ReactNode {
  const words = useSetupWords();
  const { logIn } = useWords();
  const id = useId();
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const [isForOthers, setIsForOthers] = useState(!isThisMachine());
  const [networkName, setNetworkName] = useState(isThisMachine() ? '' : location.hostname);
  const [isLater, setIsLater] = useState(false);
  const [busy, setBusy] = useState<'checking' | 'restarting'>();
  const [obstacle, setObstacle] = useState<Obstacle>();

  const finish = async (): Promise<void> => {
    setBusy('checking');
    setObstacle(undefined);
    const first = firstSteps(draft, {
      account: { address: draft.address, password, unverified: isLater, ...(name.trim() === '' ? {} : { name: name.trim() }) },
      ...(isForOthers ? { network: { name: networkName.trim() } } : {}),
    });
    const applied = await setup.apply(first);
    if ('kind' in applied) {
      setBusy(undefined);
      setObstacle(applied);
      return;
    }
    setBusy('restarting');
    await goOn(setup, { address: draft.address, password, isPending: applied.state === 'pending' });
    onReady(applied.state);
  };
  return (
    <StepForm title={words.account.title} lead={words.account.lead} onSubmit={() => void finish()}>
      <label htmlFor={`${id}-address`}>{logIn.address}</label>
      <input id={`${id}-address`} type="email" autoComplete="username" readOnly value={draft.address} />
      <label htmlFor={`${id}-password`}>{words.account.password}</label>
      <input
        id={`${id}-password`}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        aria-describedby={window.isSecureContext ? undefined : `${id}-in-clear`}
        value={password}
        onChange={({ target }) => setPassword(target.value)}
      />
      {window.isSecureContext ? null : (
        // No refusal, as at the log-in: who sets a relay up may know the network, and this is the only way in.
        <div id={`${id}-in-clear`} role="note" className="problem problem-warning">
          <strong>{words.account.inClear}</strong>
          <p>{words.account.inClearHint(`ssh -L 2080:localhost:${location.port || '80'} ${location.hostname}`)}</p>
        </div>
      )}
      <label htmlFor={`${id}-name`}>{words.account.name}</label>
      <input
        id={`${id}-name`}
        type="text"
        autoComplete="name"
        maxLength={200}
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <fieldset className="reach">
        <legend>{words.account.reach}</legend>
        <label className="check-line">
          <input type="radio" name="reach" checked={!isForOthers} onChange={() => setIsForOthers(false)} />
          {words.account.here}
        </label>
        <label className="check-line">
          <input type="radio" name="reach" checked={isForOthers} onChange={() => setIsForOthers(true)} />
          {words.account.network}
        </label>
        {isForOthers ? (
          <>
            <label htmlFor={`${id}-network`}>{words.account.networkName}</label>
            <input
              id={`${id}-network`}
              type="text"
              autoCapitalize="none"
              spellCheck={false}
              required
              value={networkName}
              onChange={({ target }) => setNetworkName(target.value)}
            />
          </>
        ) : null}
      </fieldset>
      <div role="alert">{obstacle === undefined ? null : <ObstacleText obstacle={obstacle} />}</div>
      {obstacle?.kind === 'undecided' || isLater ? (
        <label className="check-line">
          <input type="checkbox" checked={isLater} onChange={({ target }) => setIsLater(target.checked)} />
          {words.account.later}
        </label>
      ) : null}
      <div className="setup-foot">
        <button type="button" className="quiet-button" disabled={busy !== undefined} onClick={onBack}>
          {words.back}
        </button>
        <button type="submit" className="primary-button" disabled={busy !== undefined} aria-busy={busy !== undefined}>
          {busy === undefined ? words.account.finish : words.account[busy]}
        </button>
      </div>
    </StepForm>
  );
}

function ObstacleText({ obstacle }: { readonly obstacle: Obstacle }): ReactNode {
  const words = useSetupWords();
  const title = {
    refused: words.account.refused,
    undecided: words.account.undecided,
    'not-written': words.account.notWritten,
    unusable: words.account.unusable,
    'no-answer': words.noAnswer,
  }[obstacle.kind];
  return (
    <div className="problem">
      <strong>{title}</strong>
      <p lang="en">{obstacle.detail}</p>
      {obstacle.text === undefined ? null : <pre>{obstacle.text}</pre>}
    </div>
  );
}

function firstSteps({ proposal, ways }: Draft, rest: Omit<FirstSteps, 'provider'>): FirstSteps {
  const { name, domain, login } = proposal;
  return {
    provider: { name, domains: [domain], login, incoming: usedPaths(ways, 'incoming'), outgoing: usedPaths(ways, 'outgoing') },
    ...rest,
  };
}

function isThisMachine(): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(location.hostname);
}
