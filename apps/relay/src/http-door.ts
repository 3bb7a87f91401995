import { fileURLToPath } from 'node:url';
import type { Clock } from '@stopgap/core';
import type { Config, HostPort } from '@stopgap/config';
import { clientServers, createHttpApi, type HttpApiDeps, type HttpServer } from '@stopgap/http-api';
import type { Log, MailEvents } from '@stopgap/log';
import type { Mirror } from '@stopgap/mirror';
import type { Outbox } from '@stopgap/outbox';
import { countMirrors } from '@stopgap/store';
import type { Doors } from './announce.ts';
import { serveWebClient } from './web-client.ts';

/** Where the build of the web client leaves it. */
const WEB_CLIENT = fileURLToPath(new URL('../../web/dist', import.meta.url));

export interface HttpDoorOptions extends Pick<
  HttpApiDeps,
  'store' | 'mailboxes' | 'accounts' | 'board' | 'news' | 'roomFor' | 'isSelfSigned' | 'setup' | 'demo'
> {
  readonly listen: HostPort;
  /** Where the doors of mail programs are. */
  readonly doors: Doors;
  readonly config: Config;
  readonly clock: Clock;
  readonly events: MailEvents;
  readonly log: Log;
  readonly outbox: Pick<Outbox, 'put' | 'notify'>;
  readonly mirror: Pick<Mirror, 'notify'>;
}

/** The HTTP door with what only the relay knows: readiness, metrics, the status of its providers. @throws MailError `listen`, `session-keys` */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpServer> {
  const { listen, doors, config, events, log, outbox, mirror, ...deps } = options;
  const { store } = deps;
  const api = await createHttpApi({
    ...deps,
    dataDir: config.dataDir,
    hostname: config.hostname,
    clientServers: clientServers(doors, config.clients),
    proxies: config.http.proxies,
    plaintextAuth: config.plaintextAuth,
    limits: config.limits,
    providers: config.providers,
    put: outbox.put,
    notifyOutbox: () => outbox.notify(),
    notifyMirror: (account) => mirror.notify(account),
    accepted: (event) => events.accepted(event),
    operator: {
      ready: () => store.write(() => undefined),
      async metrics() {
        events.mirrorsFound(store.read(countMirrors));
        return { type: events.registry.contentType, text: await events.registry.metrics() };
      },
    },
    log,
  });
  serveWebClient(api.app, {
    directory: WEB_CLIENT,
    mark: deps.setup !== undefined ? 'setup' : deps.demo !== undefined ? 'demo' : undefined,
  });
  return await api.listen(listen);
}
