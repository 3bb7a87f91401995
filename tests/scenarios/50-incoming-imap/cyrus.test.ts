import { incomingContract } from '@stopgap/testkit/incoming-contract';
import { DOVECOT_CAN, startCyrusWorld } from './world.ts';

const REFUSED = ['a "quoted" name', 'back\\slash', '50% of * all', '(round) {3} [square]', "O'Brien; DROP"];

incomingContract('Cyrus', {
  can: {
    ...DOVECOT_CAN,
    unstorable: { 'bare-lf': 'Cyrus takes none by IMAP', nul: 'Cyrus takes none' },
    unnameable: Object.fromEntries(REFUSED.map((name) => [name, 'Cyrus refuses it'])),
  },
  start: startCyrusWorld,
});
