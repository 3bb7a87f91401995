import { incomingContract } from '@stopgap/testkit/incoming-contract';
import { ROUNDCUBE_CAN, startRoundcubeLab } from './world.ts';

incomingContract('Roundcube with zipdownload', { can: ROUNDCUBE_CAN, start: () => startRoundcubeLab() });
incomingContract('Roundcube without zipdownload', { can: ROUNDCUBE_CAN, start: () => startRoundcubeLab({ plugins: ['archive'] }) });
