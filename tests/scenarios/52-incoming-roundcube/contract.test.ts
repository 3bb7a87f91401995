import { incomingContract } from '@stopgap/testkit/incoming-contract';
import { ODD_TASTE, ROUNDCUBE_CAN, startGermanLab, startRoundcubeLab } from './world.ts';

incomingContract('Roundcube with zipdownload', { can: ROUNDCUBE_CAN, start: () => startRoundcubeLab() });
incomingContract('Roundcube in German, without zipdownload, as threads, 10 a page', {
  can: ROUNDCUBE_CAN,
  start: () => startGermanLab({ plugins: ['archive'], extraConfig: ODD_TASTE }),
});
/** Moves are copies, and an expunge would take along what others have marked. */
incomingContract('Roundcube before a server that can nothing', {
  can: ROUNDCUBE_CAN,
  start: () => startRoundcubeLab({}, 'IMAP4rev1'),
});
