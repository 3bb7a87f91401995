import { assertNever, type Clock, type Path, type PathId, type Provider, type Route } from '@stopgap/core';
import type { Guard } from '@stopgap/upstreams';
import { createAlignment, type Alignment } from './alignment.ts';
import { createJmapRoute } from './jmap.ts';
import { createRoundcubeRoute } from './roundcube.ts';
import { createSmarthostRoute } from './smarthost.ts';
import { createSmtpRoute } from './smtp.ts';

export interface RoutesOptions {
  readonly providers: readonly Provider[];
  readonly clock: Clock;
  readonly guard: Guard;
  readonly hostname: string;
  /** Empty: the system's. */
  readonly dnsServers: readonly string[];
  /** How long an attempt by a webmail or JMAP may still be on its way; undefined: as the route thinks best. */
  readonly settleMs?: number;
}

/** One route for each outgoing path that can be sent by. */
export function createRoutes(options: RoutesOptions): ReadonlyMap<PathId, Route> {
  const alignment = createAlignment({ clock: options.clock, dnsServers: options.dnsServers });
  const routes = new Map<PathId, Route>();
  for (const path of options.providers.flatMap((provider) => provider.outgoing)) {
    const route = routeFor(path, { ...options, alignment });
    if (route) routes.set(path.id, route);
  }
  return routes;
}

function routeFor(path: Path, options: RoutesOptions & { readonly alignment: Alignment }): Route | undefined {
  const { guard, clock, hostname, alignment } = options;
  const settle = options.settleMs === undefined ? {} : { settleMs: options.settleMs };
  switch (path.kind) {
    case 'smtp':
      return createSmtpRoute({ path, guard, heloName: hostname });
    case 'smarthost':
      return createSmarthostRoute({ path, guard, heloName: hostname, alignment });
    case 'roundcube':
      return createRoundcubeRoute({ path, guard, clock, ...settle });
    case 'jmap':
      return createJmapRoute({ path, guard, clock, ...settle });
    case 'imap':
    case 'pop3':
      return undefined;
    default:
      return assertNever(path);
  }
}
