import type { MailboxRole } from '@stopgap/core';

/** What providers and mail programs call them, where nothing says what a mailbox is for. Lower case. */
const NAMES: readonly (readonly [MailboxRole, readonly string[]])[] = [
  ['sent', ['sent', 'sent items', 'sent messages', 'sent mail', 'gesendet', 'gesendete objekte', 'gesendete elemente', 'envoyés']],
  ['drafts', ['drafts', 'draft', 'entwürfe', 'entwurf', 'brouillons']],
  [
    'trash',
    ['trash', 'deleted items', 'deleted messages', 'bin', 'papierkorb', 'gelöscht', 'gelöschte objekte', 'gelöschte elemente', 'corbeille'],
  ],
  ['junk', ['junk', 'spam', 'junk e-mail', 'junk email', 'bulk mail', 'spamverdacht', 'werbung', 'unerwünscht', 'indésirables']],
  ['archive', ['archive', 'archives', 'archiv', 'all mail']],
];

/** A role by the name of a mailbox at the top, or right below the inbox. */
export function roleByName(path: readonly string[]): MailboxRole | undefined {
  const below = path[0] === 'INBOX' ? path.slice(1) : path;
  if (path.length === 1 && path[0] === 'INBOX') return 'inbox';
  const name = below.length === 1 ? below[0]?.toLowerCase() : undefined;
  return name === undefined ? undefined : NAMES.find(([, names]) => names.includes(name))?.[0];
}
