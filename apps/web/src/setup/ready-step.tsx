import { useEffect, useRef, type ReactNode } from 'react';
import { ProgramSettings } from '../programs/program-settings.tsx';
import { useSetupWords } from '../words/setup/use-setup-words.ts';

interface ReadyStepProps {
  readonly address: string;
  readonly state: 'active' | 'pending';
  readonly file: string;
}

export function ReadyStep({ address, state, file }: ReadyStepProps): ReactNode {
  const words = useSetupWords();
  const title = useRef<HTMLHeadingElement>(null);
  // Who can not see it hears that it is done.
  useEffect(() => title.current?.focus(), []);
  return (
    <div className="setup-form">
      <h1 ref={title} tabIndex={-1}>
        {words.ready.title}
      </h1>
      <p className="lead">
        {words.ready[state](address)} {words.ready.file(file)}
      </p>
      <a className="primary-button" href="/">
        {words.ready.open}
      </a>
      <h2>{words.programs.title}</h2>
      <ProgramSettings address={address} />
    </div>
  );
}
