export { Board, type BoardEvents, type BoardOptions, type Permit } from './board.ts';
export type { BoardLog } from './board-writer.ts';
export type { PermitResult } from './evidence.ts';
export { countedMs } from './outage-clock.ts';
export { probeOnce, runProbes, type ProbeOptions, type Upstreams } from './probe.ts';
