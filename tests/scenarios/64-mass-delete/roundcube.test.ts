/* Most of a mailbox vanishes, seen through the webmail. */
import { massDelete } from './mass-delete.ts';

massDelete({ kind: 'roundcube', scene: { incoming: ['roundcube'], lab: { users: ['alice'], parts: ['dovecot', 'roundcube'] } } });
