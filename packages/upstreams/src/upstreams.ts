import type { Clock, PathKind, Upstream } from '@stopgap/core';
import { createImapUpstream } from './imap/upstream.ts';
import { createJmapUpstream } from './jmap/upstream.ts';
import type { Guard } from './net/guard.ts';
import { createPop3Upstream } from './pop3/upstream.ts';
import { createRoundcubeUpstream } from './roundcube/upstream.ts';
import { createSmtpUpstream } from './smtp/upstream.ts';

/** Every kind of path and who speaks it; a further kind is one more line. */
export function createUpstreams(options: {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly heloName: string;
}): Readonly<Record<PathKind, Upstream>> {
  const smtp = createSmtpUpstream(options);
  return {
    imap: createImapUpstream(options),
    pop3: createPop3Upstream(options),
    jmap: createJmapUpstream(options),
    roundcube: createRoundcubeUpstream(options),
    smtp,
    smarthost: smtp,
  };
}
