import { CORE } from '@stopgap/jmap';
import type { Method } from '../method.ts';

/** RFC 8620 4 */
export const echo: Method = { capability: CORE, run: (args) => ({ value: args }) };
