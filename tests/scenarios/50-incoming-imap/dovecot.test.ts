import { incomingContract } from '@stopgap/testkit/incoming-contract';
import { DOVECOT_CAN, startDovecotWorld } from './world.ts';

incomingContract('Dovecot', { can: DOVECOT_CAN, start: () => startDovecotWorld() });
