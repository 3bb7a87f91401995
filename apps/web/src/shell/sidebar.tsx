import { useEffect, useState, type ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { droppedMessages, isMessageDrag } from '../list/drag.ts';
import { useMessageActions } from '../list/use-message-actions.ts';
import { useOutboxCount } from '../outbox/use-outbox.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { Icon, type IconName } from './icons.tsx';
import { NewFolder } from './new-folder.tsx';
import { MirrorProgress } from './mirror-progress.tsx';
import type { MailboxNode } from './mailbox-tree.ts';
import { hashOf, usePlace } from './place.ts';
import { Loading } from './states.tsx';
import { useMailboxes } from './use-mailboxes.ts';

const ICONS: Readonly<Record<string, IconName>> = {
  inbox: 'inbox',
  drafts: 'draft',
  sent: 'sent',
  archive: 'archive',
  junk: 'junk',
  trash: 'trash',
};

interface SidebarProps {
  /** On a narrow screen; a wide one shows it always. */
  readonly isOpen: boolean;
  readonly onLeave: () => void;
}

export function Sidebar({ isOpen, onLeave }: SidebarProps): ReactNode {
  const words = useWords();
  const tree = useMailboxes();
  const place = usePlace();
  const composer = useComposer();
  const current = place.kind === 'mailbox' ? (place.mailboxId ?? tree?.byRole('inbox')?.mailbox.id) : undefined;
  const where = JSON.stringify([place.kind, current]);
  useEffect(onLeave, [where, onLeave]);
  return (
    <>
      {isOpen ? <div className="sidebar-shade" onClick={onLeave} aria-hidden="true" /> : null}
      <nav className={`sidebar ${isOpen ? 'is-open' : ''}`} aria-label={words.folders.title}>
        <button
          type="button"
          className="primary-button compose-button"
          aria-keyshortcuts="c"
          onClick={() => {
            onLeave();
            composer.open({ kind: 'new' });
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
              <FolderLine key={node.mailbox.id} node={node} isCurrent={node.mailbox.id === current} />
            ))}
            <OutboxLine isCurrent={place.kind === 'outbox'} />
          </ul>
        )}
        <NewFolder />
        <MirrorProgress />
      </nav>
    </>
  );
}

function FolderLine({ node, isCurrent }: { readonly node: MailboxNode; readonly isCurrent: boolean }): ReactNode {
  const { mailbox, depth, label } = node;
  const words = useWords();
  const { move } = useMessageActions();
  const [isTarget, setIsTarget] = useState(false);
  const { number } = useFormats();
  // What waits in a place of drafts is all of it, read or not.
  const count =
    mailbox.role === 'drafts' ? mailbox.totalEmails : mailbox.role === 'trash' || mailbox.role === 'junk' ? 0 : mailbox.unreadEmails;
  const said = mailbox.role === 'drafts' ? words.folders.total(count) : words.folders.unread(count);
  return (
    <li>
      <a
        href={hashOf({ kind: 'mailbox', mailboxId: mailbox.id })}
        className={`folder folder-depth-${Math.min(depth, 4)} ${count > 0 && mailbox.role !== 'drafts' ? 'has-unread' : ''} ${isTarget ? 'is-target' : ''}`}
        aria-current={isCurrent ? 'page' : undefined}
        onDragOver={(event) => {
          if (!isMessageDrag(event)) return;
          event.preventDefault();
          setIsTarget(true);
        }}
        onDragLeave={() => setIsTarget(false)}
        onDrop={(event) => {
          setIsTarget(false);
          event.preventDefault();
          void move(droppedMessages(event), node);
        }}
        title={words.folders.total(mailbox.totalEmails)}
      >
        <Icon name={ICONS[mailbox.role ?? ''] ?? 'folder'} size={18} />
        <span className="folder-name">{label}</span>
        {count > 0 ? (
          <>
            <span className="visually-hidden">{said}</span>
            <span className="folder-count" aria-hidden="true">
              {number(count)}
            </span>
          </>
        ) : null}
      </a>
    </li>
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
