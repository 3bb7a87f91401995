import { lazy, Suspense, useEffect, useState, type FocusEvent, type ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { untilLoaded } from '../offline/until-loaded.ts';
import { useOutboxCount } from '../outbox/use-outbox.ts';
import { useWords } from '../words/use-words.ts';
import { FolderLine, type FolderCommand } from './folder-line.tsx';
import { Icon } from './icons.tsx';
import { LabelList } from './label-list.tsx';
import type { MailboxNode } from './mailbox-tree.ts';
import { MirrorProgress } from './mirror-progress.tsx';
import { useListPlace } from './use-place.ts';
import { Loading } from './states.tsx';
import { useFocusInside } from './use-focus-inside.ts';
import { useFolderActions } from './use-folder-actions.ts';
import { useMailboxes } from './use-mailboxes.ts';

const FolderDialog = lazy(async () => ({ default: (await untilLoaded(() => import('./folder-dialog.tsx'))).FolderDialog }));

interface SidebarProps {
  /** On a narrow screen; a wide one shows it always. */
  readonly isOpen: boolean;
  readonly onLeave: () => void;
}

export function Sidebar({ isOpen, onLeave }: SidebarProps): ReactNode {
  const words = useWords();
  const tree = useMailboxes();
  const place = useListPlace();
  const composer = useComposer();
  const { remove } = useFolderActions();
  /** Null: a new one. */
  const [changed, setChanged] = useState<MailboxNode | null>();
  const onCommand = (node: MailboxNode, command: FolderCommand): void => (command === 'remove' ? void remove(node) : setChanged(node));
  const current = place.kind === 'mailbox' ? (place.mailboxId ?? tree?.byRole('inbox')?.mailbox.id) : undefined;
  const where = JSON.stringify([place.kind, current]);
  useEffect(onLeave, [where, onLeave]);
  const nav = useFocusInside<HTMLElement>(isOpen);
  const onBlur = ({ relatedTarget }: FocusEvent): void => {
    const isElsewhere =
      relatedTarget !== null && nav.current?.contains(relatedTarget) === false && relatedTarget.closest('dialog') === null;
    if (isOpen && isElsewhere) onLeave();
  };
  return (
    <>
      {isOpen ? <div className="sidebar-shade" onClick={onLeave} aria-hidden="true" /> : null}
      <nav
        ref={nav}
        className={`sidebar ${isOpen ? 'is-open' : ''}`}
        aria-label={words.folders.title}
        onBlur={onBlur}
        onKeyDown={(event) => {
          if (!isOpen || event.key !== 'Escape') return;
          // It is this that is left, not the message behind it.
          event.preventDefault();
          onLeave();
        }}
      >
        <button
          type="button"
          className="primary-button compose-button"
          aria-keyshortcuts="c"
          onClick={({ detail }) => {
            onLeave();
            // One letter, however often one clicks.
            if (detail < 2) composer.open({ kind: 'new' });
          }}
        >
          <Icon name="compose" size={18} />
          {words.act.compose}
        </button>
        {tree === undefined ? (
          <Loading label={words.app.loading} />
        ) : (
          <ul className="folders">
            {tree.nodes.map((node) => (
              <FolderLine key={node.mailbox.id} node={node} isCurrent={node.mailbox.id === current} onCommand={onCommand} />
            ))}
            <OutboxLine isCurrent={place.kind === 'outbox'} />
          </ul>
        )}
        <button type="button" className="text-button new-folder" onClick={() => setChanged(null)}>
          {words.folders.create}
        </button>
        <LabelList />
        <MirrorProgress />
      </nav>
      {changed === undefined ? null : (
        <Suspense>
          <FolderDialog {...(changed === null ? {} : { node: changed })} onClose={() => setChanged(undefined)} />
        </Suspense>
      )}
    </>
  );
}

function OutboxLine({ isCurrent }: { readonly isCurrent: boolean }): ReactNode {
  const words = useWords();
  const { waiting, unsure } = useOutboxCount();
  return (
    <li>
      <a href="#/outbox" className={`folder ${waiting > 0 ? 'has-unread' : ''}`} aria-current={isCurrent ? 'page' : undefined}>
        <Icon name="outbox" size={18} />
        <span className="folder-name">{words.outbox.title}</span>
        {waiting > 0 ? (
          <>
            <span className="visually-hidden">{words.outbox.waiting(waiting)}</span>
            <span className={`folder-count ${unsure > 0 ? 'is-warning' : ''}`} aria-hidden="true">
              {waiting}
            </span>
          </>
        ) : null}
      </a>
    </li>
  );
}
