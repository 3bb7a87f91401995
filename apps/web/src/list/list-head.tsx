import type { ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { IconButton } from '../shell/button.tsx';
import { useWords } from '../words/use-words.ts';
import { useMessageActions } from './use-message-actions.ts';
import type { MessageListPaneProps } from './message-list-pane.tsx';

interface ListHeadProps extends MessageListPaneProps {
  readonly title: string;
  readonly count: string;
  readonly role: string | null;
  /** Undefined: it is no mailbox. */
  readonly mailboxId: string | undefined;
}

/** What the list is; while something is selected, what can be done with it. */
export function ListHead({ title, count, role, mailboxId, list, selection, onSelectAll, commands }: ListHeadProps): ReactNode {
  const words = useWords();
  const actions = useMessageActions();
  const composer = useComposer();
  const selected = list.loaded.filter(({ key }) => selection.ids.has(key)).length;
  if (selected === 0)
    return (
      <header className="list-head">
        <h1>{title}</h1>
        <span className="list-count">{count}</span>
        <span className="push" />
        {(role === 'trash' || role === 'junk') && mailboxId !== undefined && (list.total ?? 0) > 0 ? (
          <button type="button" className="text-button" onClick={() => void actions.empty(mailboxId)}>
            {words.folders.empty}
          </button>
        ) : null}
        <IconButton
          icon="compose"
          label={words.act.compose}
          keys="c"
          // One letter, however often one taps.
          onClick={({ detail }) => void (detail < 2 && composer.open({ kind: 'new' }))}
          className="only-narrow compose-here"
        />
      </header>
    );
  const isAllLoaded = list.loaded.every(({ key }) => selection.ids.has(key));
  return (
    <header className="list-head is-selecting">
      <h1 className="visually-hidden">{title}</h1>
      <IconButton icon="close" label={words.list.selectNone} keys="Escape" onClick={() => onSelectAll([])} />
      <span className="list-count" role="status">
        {words.list.selected(selected)}
      </span>
      {isAllLoaded ? null : (
        <button type="button" className="text-button" onClick={() => onSelectAll(list.loaded.map(({ key }) => key))}>
          {words.list.selectAll(list.loaded.length)}
        </button>
      )}
      <span className="push" />
      <IconButton icon="archive" label={words.act.archive} keys="e" onClick={commands.archive} />
      {role === 'junk' ? (
        <IconButton icon="inbox" label={words.act.notJunk} onClick={commands.notJunk} />
      ) : (
        <IconButton icon="junk" label={words.act.junk} keys="!" onClick={commands.junk} />
      )}
      <IconButton icon="trash" label={words.act.remove} keys="#" onClick={commands.remove} />
      <IconButton icon="move" label={words.act.move} keys="v" onClick={commands.move} />
      <IconButton icon="label" label={words.labels.change} keys="l" onClick={commands.label} />
      <IconButton icon="mail" label={words.act.markRead} onClick={commands.markRead} />
    </header>
  );
}
