export { looseHash } from './content.ts';
export type { MirrorEvents, MirrorLog } from './deps.ts';
export { openMirror, type Mirror } from './mirror.ts';
export { previewAccount, type AccountPreview, type PassedOver, type PreviewDeps } from './preview.ts';
export type { MirrorProgress, MirrorState } from './progress.ts';
export { previewText, type MailboxPreview, type ReconcilePreview } from './reconcile.ts';
export type { MirrorReport, ReportLine } from './report.ts';
export { MIRROR_SETTINGS, type MirrorSettings } from './settings.ts';
