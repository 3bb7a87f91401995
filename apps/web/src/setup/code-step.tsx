import { useId, useState, type ReactNode } from 'react';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { StepForm } from './step-form.tsx';

interface CodeStepProps {
  readonly isWrong: boolean;
  readonly onCode: (code: string) => void;
}

export function CodeStep({ isWrong, onCode }: CodeStepProps): ReactNode {
  const words = useSetupWords();
  const [code, setCode] = useState('');
  const id = useId();
  return (
    <StepForm title={words.code.title} lead={words.code.lead} onSubmit={() => onCode(code.trim())}>
      <label htmlFor={id}>{words.code.field}</label>
      <input
        id={id}
        name="code"
        type="text"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={code}
        onChange={({ target }) => setCode(target.value)}
      />
      <div role="alert">{isWrong ? <p className="problem">{words.code.wrong}</p> : null}</div>
      <div className="setup-foot">
        <button type="submit" className="primary-button">
          {words.next}
        </button>
      </div>
    </StepForm>
  );
}
