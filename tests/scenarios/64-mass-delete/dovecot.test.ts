/* Most of a mailbox vanishes, seen by IMAP. */
import { massDelete } from './mass-delete.ts';

massDelete({ kind: 'imap', scene: { incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot'] } } });
