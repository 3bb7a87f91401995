export { ChunkTrap } from './chunk-trap.ts';
export { findSentMailbox, prepareDraft, sendDraft, type ComposedFile, type Composition, type Draft } from './compose.ts';
export {
  hasCode as hasRoundcubeCode,
  provesNothingDone,
  reasonOf as reasonOfRoundcubeError,
  roundcubeError,
  type RoundcubeErrorCode,
} from './errors.ts';
export { importMessage, type Import } from './import.ts';
export type { Folder as RoundcubeFolder } from './login.ts';
export { deleteMessages, ensureFolder, markMessages, moveMessages, type FlagChange } from './messages.ts';
export { canResend, resendMessage, type SendAnswer } from './resend.ts';
export { messageIdCriterion, searchMailbox } from './search.ts';
export { readSendFailure, type SendFailure } from './send-failure.ts';
export { RoundcubeSession } from './session.ts';
export { RoundcubeSessions, type UseSession } from './sessions.ts';
export { readHead, readSource } from './source.ts';
export { createRoundcubeUpstream, roundcubeBase } from './upstream.ts';
