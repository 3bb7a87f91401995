import { readFileSync } from 'node:fs';
import { asId, Secret, systemClock, type HostPath, type LoginVerdict, type Security } from '@stopgap/core';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import type { Lab } from '../../lab/index.ts';

export const guard = createGuard({ allowPrivate: true });
export const upstreams = createUpstreams({ guard, clock: systemClock, heloName: 'relay.test' });

export type Door = readonly [
  kind: HostPath['kind'],
  door: 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'submission' | 'smtps',
  security: Security,
];

export const DOORS: readonly Door[] = [
  ['imap', 'imaps', 'tls'],
  ['imap', 'imap', 'starttls'],
  ['pop3', 'pop3s', 'tls'],
  ['pop3', 'pop3', 'starttls'],
  ['smtp', 'smtps', 'tls'],
  ['smtp', 'submission', 'starttls'],
];

/** By the servers' own ports, not the edge. */
export function pathThrough(lab: Lab, [kind, door, security]: Door): HostPath {
  const direction = kind === 'smtp' ? 'outgoing' : 'incoming';
  return {
    id: asId.path(`lab ${direction} ${kind} ${door}`),
    provider: asId.provider('lab'),
    direction,
    kind,
    host: '127.0.0.1',
    port: lab.ports[door],
    security,
    ca: readFileSync(lab.caFile, 'utf8'),
    connections: 5,
  };
}

export function credentialOf(lab: Lab, user: string, password = lab.password(user)) {
  return { username: lab.address(user), password: new Secret(password) };
}

export function verify(
  lab: Lab,
  door: Door,
  user: string,
  options: { readonly password?: string; readonly limitMs?: number } = {},
): Promise<LoginVerdict> {
  const signal = AbortSignal.timeout(options.limitMs ?? 30_000);
  return upstreams[door[0]].verify(pathThrough(lab, door), credentialOf(lab, user, options.password), signal);
}
