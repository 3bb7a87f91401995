import { useId, useState, type ReactNode } from 'react';
import { useLabels } from '../list/use-labels.ts';
import { Modal } from '../shell/modal.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useWords } from '../words/use-words.ts';
import { fieldsOf, searchText, type SearchFields } from './search-fields.ts';

interface SearchDialogProps {
  /** What stands in the box. */
  readonly text: string;
  readonly onClose: () => void;
  readonly onSearch: (text: string) => void;
}

/** For those who do not know the operators: it writes them, and they can be learned from it. */
export function SearchDialog({ text, onClose, onSearch }: SearchDialogProps): ReactNode {
  const words = useWords();
  const id = useId();
  const nodes = useMailboxes()?.nodes ?? [];
  const labels = useLabels();
  const [fields, setFields] = useState(() => fieldsOf(text));
  const change = (some: Partial<SearchFields>): void => setFields((before) => ({ ...before, ...some }));
  const texts = ['words', 'from', 'to', 'subject'] as const;
  const days = ['after', 'before'] as const;
  const marks = ['hasAttachment', 'isUnread', 'isFlagged'] as const;
  const { form } = words.search;
  return (
    <Modal title={form.title} onClose={onClose}>
      <form
        className="search-form"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(searchText(fields));
        }}
      >
        {texts.map((name) => (
          <div key={name}>
            <label htmlFor={`${id}-${name}`}>{form[name]}</label>
            <input
              id={`${id}-${name}`}
              type="text"
              data-first-focus={name === 'words'}
              value={fields[name]}
              onChange={({ target }) => change({ [name]: target.value })}
            />
          </div>
        ))}
        {days.map((name) => (
          <div key={name}>
            <label htmlFor={`${id}-${name}`}>{form[name]}</label>
            <input id={`${id}-${name}`} type="date" value={fields[name]} onChange={({ target }) => change({ [name]: target.value })} />
          </div>
        ))}
        <Choice
          label={form.folder}
          anywhere={form.anywhere}
          value={fields.folder}
          options={nodes.map(({ path }) => path)}
          onChange={(folder) => change({ folder })}
        />
        {labels.keywords.length === 0 ? null : (
          <Choice
            label={form.label}
            anywhere={form.any}
            value={fields.label}
            options={labels.keywords.map(labels.nameOf)}
            onChange={(label) => change({ label })}
          />
        )}
        {marks.map((name) => (
          <label key={name} className="check-line">
            <input type="checkbox" checked={fields[name]} onChange={({ target }) => change({ [name]: target.checked })} />
            {form[name]}
          </label>
        ))}
        <output className="search-preview" aria-label={form.preview}>
          {searchText(fields)}
        </output>
        <div className="modal-foot">
          <button type="button" className="quiet-button" onClick={onClose}>
            {words.app.cancel}
          </button>
          <button type="submit" className="primary-button">
            {words.search.title}
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly anywhere: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, anywhere, value, options, onChange }: ChoiceProps): ReactNode {
  const id = useId();
  const isOther = value !== '' && !options.includes(value);
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{anywhere}</option>
        {isOther ? <option value={value}>{value}</option> : null}
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </div>
  );
}
