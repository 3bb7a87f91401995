export type { MirrorEvents, MirrorLog } from './deps.ts';
