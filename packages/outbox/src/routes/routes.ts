import { assertNever, type Clock, type Path, type PathId, type Provider, type Route } from '@stopgap/core';
import type { Guard } from '@stopgap/upstreams';
import { loadRoute } from './load-route.ts';

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
export async function createRoutes(options: RoutesOptions): Promise<ReadonlyMap<PathId, Route>> {
  const routes = new Map<PathId, Route>();
  for (const path of options.providers.flatMap((provider) => provider.outgoing)) {
    const route = await routeFor(path, options);
    if (route) routes.set(path.id, route);
  }
  return routes;
}

async function routeFor(path: Path, options: RoutesOptions): Promise<Route | undefined> {
  const { guard, clock, hostname, dnsServers } = options;
  const settle = options.settleMs === undefined ? {} : { settleMs: options.settleMs };
  switch (path.kind) {
    case 'smtp':
      return (await loadRoute.smtp()).createSmtpRoute({ path, guard, heloName: hostname });
    case 'smarthost': {
      const [{ createSmarthostRoute }, { createAlignment }] = await Promise.all([loadRoute.smarthost(), import('./alignment.ts')]);
      return createSmarthostRoute({ path, guard, heloName: hostname, alignment: createAlignment({ clock, dnsServers }) });
    }
    case 'roundcube':
      return (await loadRoute.roundcube()).createRoundcubeRoute({ path, guard, clock, ...settle });
    case 'jmap':
      return (await loadRoute.jmap()).createJmapRoute({ path, guard, clock, ...settle });
    case 'imap':
    case 'pop3':
      return undefined;
    default:
      return assertNever(path);
  }
}
