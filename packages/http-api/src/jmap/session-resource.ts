import { createHash } from 'node:crypto';
import { CORE, MAIL, OUTBOX, SUBMISSION, VACATION } from '@stopgap/jmap';
import { originOf, type AppContext } from '../app-env.ts';
import type { HttpApiDeps } from '../deps.ts';
import type { Person } from '../sessions/authenticate.ts';
import { wire } from './ids.ts';
import { LIMITS } from './limits.ts';
import { LONGEST_NAME_BYTES } from './mailbox/set.ts';
import { futureReleaseLimits, LONGEST_HOLD_S } from '@stopgap/outbox';
import { findMailboxByRole } from '@stopgap/store';
import { EMAIL_SORTS } from './email/sorts.ts';

export const CAPABILITIES: ReadonlySet<string> = new Set([CORE, MAIL, SUBMISSION, VACATION, OUTBOX]);

type ResourceDeps = Pick<HttpApiDeps, 'store' | 'limits' | 'plaintextAuth' | 'clock'>;

/** RFC 8620 2, without the addresses. */
function contentOf(person: Person, { store, limits, clock }: ResourceDeps) {
  const accountId = wire.account(person.account);
  const inbox = store.read((reader) => findMailboxByRole(reader, person.account, 'inbox'));
  const accountCapabilities = {
    [CORE]: {},
    [MAIL]: {
      // One message stands in one mailbox, as with IMAP; a copy is a message of its own.
      maxMailboxesPerEmail: 1,
      maxMailboxDepth: 20,
      maxSizeMailboxName: LONGEST_NAME_BYTES,
      maxSizeAttachmentsPerEmail: limits.messageBytes,
      emailQuerySortOptions: EMAIL_SORTS,
      mayCreateTopLevelMailbox: true,
    },
    [SUBMISSION]: {
      maxDelayedSend: LONGEST_HOLD_S,
      submissionExtensions: { FUTURERELEASE: futureReleaseLimits(clock.nowMs()), DSN: [], SMTPUTF8: [] },
    },
    // So that its first lines can be asked for together with the mailboxes.
    [OUTBOX]: inbox === undefined ? {} : { inboxId: wire.mailbox(inbox.id) },
  };
  return {
    capabilities: {
      [CORE]: { maxSizeUpload: limits.messageBytes, ...LIMITS, collationAlgorithms: ['i;unicode-casemap'] },
      [MAIL]: {},
      [SUBMISSION]: {},
      [VACATION]: {},
      [OUTBOX]: {},
    },
    accounts: { [accountId]: { name: person.address, isPersonal: true, isReadOnly: false, accountCapabilities } },
    primaryAccounts: { [MAIL]: accountId, [SUBMISSION]: accountId, [OUTBOX]: accountId },
    username: person.address,
  };
}

/** Another one when the session resource would be. */
export function sessionStateOf(person: Person, deps: ResourceDeps): string {
  return createHash('sha256')
    .update(JSON.stringify(contentOf(person, deps)))
    .digest('base64url')
    .slice(0, 12);
}

export function sessionResource(c: AppContext, person: Person, deps: ResourceDeps): Readonly<Record<string, unknown>> {
  const origin = originOf(c, deps);
  return {
    ...contentOf(person, deps),
    apiUrl: `${origin}/jmap/api`,
    downloadUrl: `${origin}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}/jmap/upload/{accountId}/`,
    eventSourceUrl: `${origin}/jmap/events?types={types}&closeafter={closeafter}&ping={ping}`,
    state: sessionStateOf(person, deps),
  };
}
