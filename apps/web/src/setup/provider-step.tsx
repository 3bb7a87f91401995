import { useId, useState, type ReactNode } from 'react';
import type { Obstacle, Proposal, Setup } from '../api/setup.ts';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { StepForm } from './step-form.tsx';

interface ProviderStepProps {
  readonly setup: Setup;
  readonly address: string;
  readonly onFound: (address: string, proposal: Proposal) => void;
}

export function ProviderStep({ setup, address: first, onFound }: ProviderStepProps): ReactNode {
  const words = useSetupWords();
  const [typed, setTyped] = useState(first);
  const [isBusy, setIsBusy] = useState(false);
  const [obstacle, setObstacle] = useState<Obstacle>();
  const id = useId();
  const find = async (): Promise<void> => {
    const address = typed.trim();
    setIsBusy(true);
    setObstacle(undefined);
    const found = await setup.propose(address);
    setIsBusy(false);
    if ('kind' in found) setObstacle(found);
    else onFound(address, found);
  };
  return (
    <StepForm title={words.provider.title} lead={words.provider.lead} onSubmit={() => void find()}>
      <label htmlFor={id}>{words.provider.address}</label>
      <input
        id={id}
        name="address"
        type="email"
        autoComplete="email"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
      <div role="alert">
        {obstacle === undefined ? null : <p className="problem">{obstacle.kind === 'no-answer' ? words.noAnswer : words.provider.wrong}</p>}
      </div>
      <div className="setup-foot">
        <button type="submit" className="primary-button" disabled={isBusy} aria-busy={isBusy}>
          {isBusy ? words.provider.finding : words.provider.find}
        </button>
      </div>
    </StepForm>
  );
}
