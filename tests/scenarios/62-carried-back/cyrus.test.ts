/* What is done here goes back by JMAP to Cyrus, whose IMAP nobody uses. */
import { letter } from './mail.ts';
import { carriedBack, type Kill } from './way.ts';

const killed = (at: Kill['at'], match: string, isDelivered: boolean): Kill => ({
  at,
  weather: { mode: 'stallRequest', match, delivered: isDelivered, times: 1 },
  isDelivered,
});

carriedBack({
  kind: 'jmap',
  scene: { incoming: ['jmap'], lab: { users: ['alice'], parts: ['cyrus'] } },
  doors: ['jmap'],
  tellsKeywords: true,
  kills: [
    killed('append', 'Email/import', false),
    killed('append', 'Email/import', true),
    killed('move', '"mailboxIds/', true),
    killed('flags', '"keywords/', true),
    killed('expunge', '"destroy":["', true),
    killed('create', '"name":"Mappe"', true),
    killed('rename', '"name":"Projekt"', true),
    // Which is refused first, as there is mail in it.
    killed('delete', 'onDestroyRemoveEmails', false),
  ],
  refusal: { bytes: Buffer.concat([letter('refused'), Buffer.from('\r\n\0\r\nend')]), why: /./ },
});
