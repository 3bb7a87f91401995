import { useId, type ReactNode } from 'react';
import { useSettingsWords } from './use-settings-words.ts';
import { useIdentityText } from './use-own-identity.ts';

const LONGEST = 200;

/** Of this person, and not of the browser: the next one who logs in here must not write under it. */
export function NameField(): ReactNode {
  const texts = useSettingsWords();
  const id = useId();
  const { isKnown, value, type, save } = useIdentityText(
    ({ name }) => name,
    (name) => ({ name: name.trim() }),
  );
  return (
    <>
      <label htmlFor={id}>{texts.name}</label>
      <input
        id={id}
        type="text"
        autoComplete="name"
        dir="auto"
        maxLength={LONGEST}
        disabled={!isKnown}
        value={value}
        onChange={({ target }) => type(target.value)}
        onBlur={save}
      />
    </>
  );
}
