/* What is done here goes back by IMAP to Dovecot. */
import { letter } from './mail.ts';
import { carriedBack, type Kill } from './way.ts';

const killed = (at: Kill['at'], command: string, isDelivered: boolean): Kill => ({
  at,
  weather: { mode: 'stall', command, delivered: isDelivered, times: 1 },
  isDelivered,
});

carriedBack({
  kind: 'imap',
  scene: { incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot'] } },
  doors: ['imaps'],
  tellsKeywords: true,
  kills: [
    killed('append', 'APPEND', false),
    killed('append', 'APPEND', true),
    killed('move', 'UID MOVE', true),
    killed('flags', 'UID STORE', true),
    // Marked, and not yet expunged.
    killed('expunge', 'UID EXPUNGE', false),
    killed('expunge', 'UID EXPUNGE', true),
    killed('create', 'CREATE', true),
    killed('rename', 'RENAME', true),
    killed('delete', 'DELETE', true),
  ],
  refusal: {
    bytes: letter('refused'),
    weather: { mode: 'reject', replies: { APPEND: '$tag NO [TOOBIG] Not of this size' }, times: 1 },
    why: /Not of this size/,
  },
});
