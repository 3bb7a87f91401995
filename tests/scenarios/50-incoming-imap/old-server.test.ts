import { incomingContract } from '@stopgap/testkit/incoming-contract';
import { DOVECOT_CAN, startDovecotWorld } from './world.ts';

/** Everything is listed each time, moved by copies, and expunged only while nobody else has marked anything. */
incomingContract('Dovecot that says it can nothing', {
  can: { ...DOVECOT_CAN, delta: false, state: false, idle: false, exactExpunge: false },
  start: () => startDovecotWorld('IMAP4rev1'),
});

/** What vanished shows in the number of messages; copies are named by the server. */
incomingContract('Dovecot with CONDSTORE and UIDPLUS alone', {
  can: { ...DOVECOT_CAN, idle: false },
  start: () => startDovecotWorld('IMAP4rev1 ENABLE CONDSTORE UIDPLUS NAMESPACE'),
});
