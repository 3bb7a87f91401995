import { roundcubeContract } from '@stopgap/testkit/roundcube-contract';
import { createTestRoute, startRealWorld } from './world.ts';

roundcubeContract('Roundcube', { start: () => startRealWorld(), createRoute: createTestRoute });
