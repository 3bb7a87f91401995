import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { droppedMessages, isMessageDrag } from '../list/drag.ts';
import { useMessageActions } from '../list/use-message-actions.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';
import type { MailboxNode } from './mailbox-tree.ts';
import { hashOf } from './place.ts';

const ICONS: Readonly<Record<string, IconName>> = {
  inbox: 'inbox',
  drafts: 'draft',
  sent: 'sent',
  archive: 'archive',
  junk: 'junk',
  trash: 'trash',
};

/** What can be done with a folder that is nobody's but the person's own. */
export type FolderCommand = 'change' | 'remove';

interface FolderLineProps {
  readonly node: MailboxNode;
  readonly isCurrent: boolean;
  readonly onCommand: (node: MailboxNode, command: FolderCommand) => void;
}

export function FolderLine({ node, isCurrent, onCommand }: FolderLineProps): ReactNode {
  const { mailbox, depth, label } = node;
  const words = useWords();
  const { move } = useMessageActions();
  const [isTarget, setIsTarget] = useState(false);
  const { number } = useFormats();
  // What waits in a place of drafts is all of it, read or not.
  const count =
    mailbox.role === 'drafts' ? mailbox.totalEmails : mailbox.role === 'trash' || mailbox.role === 'junk' ? 0 : mailbox.unreadEmails;
  const said = mailbox.role === 'drafts' ? words.folders.total(count) : words.folders.unread(count);
  const isOwn = mailbox.role === null;
  const onKeyDown = (event: KeyboardEvent): void => {
    const command = ({ F2: 'change', Delete: 'remove' } as const)[event.key];
    if (command === undefined) return;
    // Nor is it meant for the message that is open.
    event.preventDefault();
    if (isOwn) onCommand(node, command);
  };
  return (
    <li className="folder-place">
      <a
        {...(isOwn ? { 'aria-keyshortcuts': 'F2 Delete' } : {})}
        onKeyDown={onKeyDown}
        onContextMenu={(event) => {
          if (!isOwn) return;
          event.preventDefault();
          onCommand(node, 'change');
        }}
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
      {isOwn ? (
        <IconButton icon="more" label={words.folders.change(label)} className="folder-more" onClick={() => onCommand(node, 'change')} />
      ) : null}
    </li>
  );
}
