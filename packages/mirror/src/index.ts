export type { MirrorEvents, MirrorLog } from './deps.ts';
export { openMirror, type Mirror } from './mirror.ts';
export type { MirrorProgress, MirrorState } from './progress.ts';
export type { MirrorReport, ReportLine } from './report.ts';
export { MIRROR_SETTINGS, type MirrorSettings } from './settings.ts';
