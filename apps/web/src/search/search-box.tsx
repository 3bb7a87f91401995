import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { untilLoaded } from '../offline/until-loaded.ts';
import { IconButton } from '../shell/button.tsx';
import { Icon } from '../shell/icons.tsx';
import { goTo } from '../shell/place.ts';
import { useListPlace } from '../shell/use-place.ts';
import { useWords } from '../words/use-words.ts';

const SearchDialog = lazy(async () => ({ default: (await untilLoaded(() => import('./search-dialog.tsx'))).SearchDialog }));

export const SEARCH_FIELD_ID = 'search-field';

export function SearchBox(): ReactNode {
  const words = useWords();
  const place = useListPlace();
  const shown = place.kind === 'search' ? place.text : '';
  const [text, setText] = useState(shown);
  const [isFormOpen, setIsFormOpen] = useState(false);
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
        <IconButton icon="filter" label={words.search.form.title} onClick={() => setIsFormOpen(true)} />
      </form>
      {isFormOpen
        ? createPortal(
            <Suspense>
              <SearchDialog
                text={text}
                onClose={() => setIsFormOpen(false)}
                onSearch={(wanted) => {
                  setIsFormOpen(false);
                  goTo(wanted === '' ? { kind: 'mailbox', mailboxId: undefined } : { kind: 'search', text: wanted });
                }}
              />
            </Suspense>,
            // Within the bar at the top it would be a part of that.
            document.body,
          )
        : null}
    </search>
  );
}
