import { useEffect } from 'react';
import { useWords } from '../words/use-words.ts';
import type { Place } from './place.ts';
import { useMailboxes } from './use-mailboxes.ts';

/** The window's title: where one is, and how much is unread there. */
export function Title({ place }: { readonly place: Place }): null {
  const words = useWords();
  const tree = useMailboxes();
  const node = place.kind === 'mailbox' ? (place.mailboxId === undefined ? tree?.byRole('inbox') : tree?.byId(place.mailboxId)) : undefined;
  const unread = node?.mailbox.unreadEmails ?? 0;
  const name = place.kind === 'outbox' ? words.outbox.title : place.kind === 'search' ? words.search.title : (node?.label ?? '');
  useEffect(() => {
    const parts = [unread > 0 ? `(${unread}) ${name}` : name, words.app.name];
    document.title = parts.filter((part) => part !== '').join(' – ');
  }, [name, unread, words]);
  return null;
}
