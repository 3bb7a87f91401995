import { useId, type ReactNode } from 'react';
import { htmlOfText } from '../composer/start-draft.ts';
import { useSettingsWords } from './use-settings-words.ts';
import { useIdentityText } from './use-own-identity.ts';

const LONGEST = 4000;

export function SignatureField(): ReactNode {
  const texts = useSettingsWords();
  const id = useId();
  const { isKnown, value, type, save } = useIdentityText(
    ({ textSignature }) => textSignature,
    (text) => ({ textSignature: text, htmlSignature: text === '' ? '' : htmlOfText(text) }),
  );
  return (
    <>
      <label htmlFor={`${id}-signature`}>{texts.signature}</label>
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
          {texts.signatureHint}
        </p>
      </div>
    </>
  );
}
