import type { Clock, PathKind, Upstream } from '@stopgap/core';
import type { Guard } from './net/guard.ts';
import { createSmtpUpstream } from './smtp/upstream.ts';

/** Every kind of path and who speaks it; a further kind is one more line. */
export function createUpstreams(options: {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly heloName: string;
}): Readonly<Record<PathKind, Upstream>> {
  const smtp = createSmtpUpstream(options);
  return {
    imap: loadedLater(async () => (await import('./imap/upstream.ts')).createImapUpstream(options)),
    pop3: loadedLater(async () => (await import('./pop3/upstream.ts')).createPop3Upstream(options)),
    jmap: loadedLater(async () => (await import('./jmap/upstream.ts')).createJmapUpstream(options)),
    roundcube: loadedLater(async () => (await import('./roundcube/upstream.ts')).createRoundcubeUpstream(options)),
    smtp,
    smarthost: smtp,
  };
}

/** Its code comes with the first path that needs it: a webmail alone brings 25 MB along. */
function loadedLater(load: () => Promise<Required<Upstream>>): Required<Upstream> {
  let loading: Promise<Required<Upstream>> | undefined;
  const loaded = () => (loading ??= load());
  return {
    probe: async (path, signal) => (await loaded()).probe(path, signal),
    verify: async (path, credential, signal) => (await loaded()).verify(path, credential, signal),
    open: async (path, credential, signal) => (await loaded()).open(path, credential, signal),
  };
}
