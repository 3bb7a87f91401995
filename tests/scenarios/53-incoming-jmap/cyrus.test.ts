import { incomingContract } from '@stopgap/testkit/incoming-contract';
import { CYRUS_CAN, startCyrusWorld } from './world.ts';

incomingContract('JMAP from Cyrus', { can: CYRUS_CAN, start: startCyrusWorld });
