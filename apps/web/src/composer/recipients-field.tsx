import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { findContacts } from '../api/outbox.ts';
import type { EmailAddress } from '../api/methods.ts';
import { fullName, shortName } from '../list/address-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useWords } from '../words/use-words.ts';
import { activeOf, added, begins, isAddress, parseRecipients, textOf } from './recipients.ts';

interface RecipientsFieldProps {
  readonly label: string;
  readonly value: readonly EmailAddress[];
  readonly onChange: (value: readonly EmailAddress[]) => void;
  readonly hasFocus?: boolean;
}

/** Addresses as chips, and a field for more, which knows whom one wrote to before. */
export function RecipientsField({ label, value, onChange, hasFocus = false }: RecipientsFieldProps): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const [text, setText] = useState('');
  const [moved, setMoved] = useState<string>();
  const [isOpen, setIsOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const prefix = text.trim();
  const { data: contacts = [] } = useQuery({
    queryKey: ['contacts', prefix],
    queryFn: ({ signal }) => findContacts(jmap, prefix, signal),
    enabled: prefix !== '',
    staleTime: 60_000,
    refetchInterval: false,
    // What was offered for less of it, until the answer is here.
    placeholderData: (before) => before,
  });
  const known = new Set(value.map(({ email }) => email.toLowerCase()));
  const offered = prefix === '' ? [] : contacts.filter((one) => !known.has(one.email.toLowerCase()) && begins(one, prefix));
  const isShown = isOpen && offered.length > 0;
  const active = activeOf(offered, { text: prefix, moved });

  const take = (more: readonly EmailAddress[]): void => {
    if (more.length > 0) onChange(added(value, more));
    setText('');
    setMoved(undefined);
    setIsOpen(false);
  };
  const takeText = (): void => take(parseRecipients(text));
  /** Back into the field; what was typed there meanwhile is taken first. */
  const edit = (one: EmailAddress): void => {
    onChange(
      added(
        value.filter(({ email }) => email !== one.email),
        parseRecipients(text),
      ),
    );
    setText(textOf(one));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The key sends, or closes: what stands here belongs to the letter.
    if ((event.key === 'Enter' && (event.ctrlKey || event.metaKey)) || (event.key === 'Escape' && !isShown)) return takeText();
    const chosen = isShown ? offered[active] : undefined;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        if (!isShown) return;
        event.preventDefault();
        setMoved(offered.at(event.key === 'ArrowUp' ? Math.max(active, 0) - 1 : (active + 1) % offered.length)?.email);
        return;
      case 'Enter':
      case ',':
      case ';':
      case 'Tab':
        if (event.ctrlKey || event.metaKey || prefix === '') return;
        // A comma may stand in a name in quotes, and in one without: "Baker, Ben <ben@x.test>".
        if (event.key !== 'Tab' && event.key !== 'Enter' && prefix.split('"').length % 2 === 0) return;
        if (event.key === ',' && !prefix.includes('@')) return;
        if (event.key !== 'Tab') event.preventDefault();
        take(chosen !== undefined && event.key !== ',' && event.key !== ';' ? [chosen] : parseRecipients(text));
        return;
      case 'Escape':
        event.preventDefault();
        setIsOpen(false);
        return;
      case 'Backspace': {
        const last = value.at(-1);
        if (text !== '' || last === undefined) return;
        // What is wrong is mended rather than typed anew.
        if (isAddress(last.email)) return onChange(value.slice(0, -1));
        event.preventDefault();
        edit(last);
        return;
      }
      default:
    }
  };

  return (
    <div className="composer-field recipients" onClick={() => input.current?.focus()}>
      <label htmlFor={id}>{label}</label>
      <div className="chips">
        {value.map((one) => (
          <Chip
            key={one.email}
            recipient={one}
            onEdit={() => edit(one)}
            onRemove={() => onChange(value.filter(({ email }) => email !== one.email))}
          />
        ))}
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={hasFocus}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            setMoved(undefined);
            setIsOpen(true);
          }}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            // An address alone, or a part of one, may be typed on.
            if (!/[,;\n\t<]|\S\s+\S*@|@\S*\s+\S|^\s*mailto:/i.test(pasted)) return;
            event.preventDefault();
            // Where the cursor is, and in the place of what is marked.
            const { selectionStart, selectionEnd } = event.currentTarget;
            take(parseRecipients(`${text.slice(0, selectionStart ?? text.length)}${pasted}${text.slice(selectionEnd ?? text.length)}`));
          }}
          onKeyDown={onKeyDown}
          onBlur={takeText}
        />
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label={words.write.suggestions} className="suggestions" hidden={!isShown}>
        {offered.map((contact, index) => (
          <li
            key={contact.email}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            // The field keeps the focus, so that it does not take the half typed word first.
            onMouseDown={(event) => {
              event.preventDefault();
              take([contact]);
            }}
          >
            <strong>{shortName(contact)}</strong> <span>{contact.email}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface ChipProps {
  readonly recipient: EmailAddress;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function Chip({ recipient, onEdit, onRemove }: ChipProps): ReactNode {
  const words = useWords();
  const isWrong = !isAddress(recipient.email);
  return (
    <span
      className={`chip ${isWrong ? 'is-wrong' : ''}`}
      title={isWrong ? words.write.invalid(recipient.email) : fullName(recipient)}
      onDoubleClick={onEdit}
    >
      {isWrong ? <Icon name="warning" size={14} /> : null}
      <span dir="auto">{shortName(recipient)}</span>
      {isWrong ? <span className="visually-hidden">{words.write.invalid(recipient.email)}</span> : null}
      <button type="button" aria-label={words.write.remove(fullName(recipient))} onClick={onRemove}>
        <Icon name="close" size={14} />
      </button>
    </span>
  );
}
