import { asId, type HostPath, type Outcome, type RecipientId, type Security } from '@stopgap/core';
import { createGuard, type SmtpTimeouts } from '@stopgap/upstreams';
import { createSmtpRoute } from './smtp.ts';

export const HOST = 'mail.provider.test';

/** For steps that are meant to answer; those that are meant to run out set their own. */
const PATIENT_MS = 10_000;

export const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });

export function pathTo(port: number, security: Security = 'none', ca?: string): HostPath {
  return {
    id: asId.path('test outgoing smtp'),
    provider: asId.provider('test'),
    direction: 'outgoing',
    kind: 'smtp',
    host: HOST,
    port,
    security,
    connections: 5,
    ...(ca === undefined ? {} : { ca }),
  };
}

export function timeouts(short: Partial<SmtpTimeouts> = {}): SmtpTimeouts {
  const ms = PATIENT_MS;
  return { connectMs: ms, bannerMs: ms, commandMs: ms, mailMs: ms, rcptMs: ms, dataMs: ms, bodyMs: ms, afterDotMs: ms, ...short };
}

export function routeTo(
  port: number,
  options: { readonly security?: Security; readonly ca?: string; readonly short?: Partial<SmtpTimeouts> } = {},
) {
  return createSmtpRoute({
    path: pathTo(port, options.security, options.ca),
    guard,
    heloName: 'relay.test',
    timeouts: timeouts(options.short),
  });
}

/** `delivered`, or `deferred connect`: kind and class of each recipient's outcome, in the order of the recipients. */
export function short(outcomes: ReadonlyMap<RecipientId, Outcome>): string[] {
  return [...outcomes.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, outcome]) => (outcome.kind === 'delivered' ? outcome.kind : `${outcome.kind} ${outcome.reason.class}`));
}
