import { useId, type ReactNode } from 'react';
import { htmlOfText } from '../composer/start-draft.ts';
import { useWords } from '../words/use-words.ts';
import { useIdentityText } from './use-own-identity.ts';

const LONGEST = 4000;

export function SignatureField(): ReactNode {
  const words = useWords();
  const id = useId();
  const { isKnown, value, type, save } = useIdentityText(
    ({ textSignature }) => textSignature,
    (text) => ({ textSignature: text, htmlSignature: text === '' ? '' : htmlOfText(text) }),
  );
  return (
    <>
      <label htmlFor={`${id}-signature`}>{words.settings.signature}</label>
      <div>
        <textarea
          id={`${id}-signature`}
          rows={4}
          dir="auto"
          maxLength={LONGEST}
          aria-describedby={`${id}-hint`}
          disabled={!isKnown}
          value={value}
          onChange={({ target }) => type(target.value)}
          onBlur={save}
        />
        <p id={`${id}-hint`} className="hint">
          {words.settings.signatureHint}
        </p>
      </div>
    </>
  );
}
