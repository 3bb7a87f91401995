import { useEffect, useRef, useState, type ReactNode } from 'react';
import { IconButton } from '../shell/button.tsx';
import { Icon } from '../shell/icons.tsx';
import { goTo, usePlace } from '../shell/place.ts';
import { useWords } from '../words/use-words.ts';

export const SEARCH_FIELD_ID = 'search-field';

export function SearchBox(): ReactNode {
  const words = useWords();
  const place = usePlace();
  const shown = place.kind === 'search' ? place.text : '';
  const [text, setText] = useState(shown);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setText(shown), [shown]);
  return (
    <search className="search-box">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          field.current?.blur();
          goTo(text.trim() === '' ? { kind: 'mailbox', mailboxId: undefined } : { kind: 'search', text: text.trim() });
        }}
      >
        <Icon name="search" size={18} />
        <input
          ref={field}
          id={SEARCH_FIELD_ID}
          type="text"
          enterKeyHint="search"
          aria-label={words.search.title}
          aria-keyshortcuts="/"
          placeholder={words.search.placeholder}
          title={words.search.hint}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Escape') currentTarget.blur();
          }}
        />
        {shown === '' && text === '' ? null : (
          <IconButton
            icon="close"
            label={words.search.clear}
            onClick={() => {
              setText('');
              if (shown !== '') goTo({ kind: 'mailbox', mailboxId: undefined });
            }}
          />
        )}
      </form>
    </search>
  );
}
