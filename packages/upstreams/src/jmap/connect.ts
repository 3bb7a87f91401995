import type { LoginCredential, UrlPath } from '@stopgap/core';
import { openJmap, type JmapClient } from '@stopgap/jmap';
import type { Dispatcher } from 'undici';
import { jmapTransport } from './transport.ts';

export interface JmapConnection {
  readonly path: Pick<UrlPath, 'url'>;
  /** The caller's; it carries the guard. */
  readonly dispatcher: Dispatcher;
  readonly credential: LoginCredential;
  readonly signal: AbortSignal;
}

/** Logs in: the session resource of whoever the credential belongs to. Rejects with a JMAP error. */
export function connectJmap({ path, dispatcher, credential, signal }: JmapConnection): Promise<JmapClient> {
  const url = new URL(path.url);
  return openJmap(jmapTransport({ dispatcher, origin: url.origin, credential }), url, signal);
}
