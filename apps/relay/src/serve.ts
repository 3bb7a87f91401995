/*
 * The wiring: everything is made here, handed down by arguments, and closed in the opposite order. Doors close first, then the worker gives back its
 * leases, the store closes last.
 */
import { systemClock, type Clock } from '@stopgap/core';
import { createAccounts } from '@stopgap/accounts';
import type { Config } from '@stopgap/config';
import { Board, runProbes } from '@stopgap/health';
import { News, type DemoDeps } from '@stopgap/http-api';
import { createLog, createMailEvents, type Log } from '@stopgap/log';
import { openMailboxes } from '@stopgap/mailbox';
import { MIRROR_SETTINGS, openMirror } from '@stopgap/mirror';
import { createRoutes, openOutbox } from '@stopgap/outbox';
import { lockDataDirectory, openStore, openVault, removeStrayFiles } from '@stopgap/store';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { adoptOrphans } from './adopt-orphans.ts';
import { announce, type Doors } from './announce.ts';
import { firstRun, type FirstRunOptions } from './first-run.ts';
import { openHttpDoor } from './http-door.ts';
import { logInEvents } from './mail-log.ts';
import { openDoors } from './mail-doors.ts';
import { withNews } from './outbox-news.ts';
import { ALL_ROLES, type Role } from './roles.ts';
import { restoreWanted } from './restore-wanted.ts';
import { roomWatch } from './room-watch.ts';
import { surviveStrayErrors } from './stray-errors.ts';
import { forgetExpunged } from './forget-expunged.ts';

export interface ServeOptions {
  readonly signal: AbortSignal;
  /** Which parts run; without any of it: all. Paths are probed whatever runs, so that what is shown of them is true. */
  readonly roles?: ReadonlySet<Role>;
  /** Given: a relay without providers can be set up in its page, which writes this configuration. */
  readonly firstRun?: Pick<FirstRunOptions, 'source' | 'onConfigured'>;
  /** See `announce`. */
  readonly called?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** A practice provider that came along. */
  readonly demo?: DemoDeps;
  /** Called when every door is open, with its address. */
  readonly onReady?: (doors: Doors) => void;
}

/** Runs the relay until `signal` aborts. @throws when it can not start, with a sentence that says why */
export async function serve(config: Config, options: ServeOptions): Promise<void> {
  const clock = options.clock ?? systemClock;
  const roles = options.roles ?? ALL_ROLES;
  await using stack = new AsyncDisposableStack();
  const log = options.log ?? createLog({ level: config.log.level, format: config.log.format });
  stack.defer(() => log.flush());
  const events = createMailEvents({ log });
  stack.defer(surviveStrayErrors(log));

  const store = stack.adopt(await openStore({ dataDir: config.dataDir, clock }), (one) => one.close());
  stack.adopt(lockDataDirectory(config.dataDir), (lock) => lock.release());
  if (roles.has('mirror')) stack.adopt(lockDataDirectory(config.dataDir, 'mirror'), (lock) => lock.release());
  store.settleLog();
  const vault = await store.read((reader) =>
    openVault({ dataDir: config.dataDir, reader, ...(config.vaultKey ? { envKey: config.vaultKey } : {}) }),
  );
  await removeStrayFiles(config.dataDir, (job) => store.read(job));

  const guard = createGuard({ allowPrivate: config.allowPrivateUpstreams });
  const upstreams = createUpstreams({ guard, clock, heloName: config.hostname });
  const { providers } = config;
  await adoptOrphans(store, providers, log);
  const board = stack.adopt(
    await Board.open({
      store,
      clock,
      random: Math.random,
      providers,
      events,
      log: { warn: (fields, message) => log.warn(message, fields) },
    }),
    (one) => one.close(),
  );
  events.pathsFound(board.all());
  const mailboxes = stack.adopt(
    openMailboxes({
      store,
      dataDir: config.dataDir,
      clock,
      keepExpungedMs: config.mirror.keepExpungedMs,
      ...(config.mirror.quotaBytes === false ? {} : { quotaBytes: config.mirror.quotaBytes }),
      log: { warn: (fields, message) => log.warn(message, fields) },
    }),
    (one) => one.close(),
  );
  const accounts = createAccounts({
    store,
    vault,
    providers,
    upstreams,
    board,
    clock,
    limits: config.limits,
    enrolment: config.enrolment,
    events: logInEvents(events),
  });
  stack.defer(() => accounts.close());
  const news = new News();
  stack.defer(board.onChange(() => news.changed()));
  const routes = await createRoutes({
    providers,
    clock,
    guard,
    hostname: config.hostname,
    dnsServers: config.dnsServers,
    settleMs: config.unsure.settleMs,
  });
  stack.defer(async () => void (await Promise.allSettled([...routes.values()].map((route) => route.close()))));
  const outbox = await openOutbox({
    store,
    clock,
    random: Math.random,
    board,
    providers,
    routes,
    credentialFor: (account) => accounts.credentialFor(account),
    hostname: config.hostname,
    retry: config.retry,
    unsure: config.unsure,
    events: withNews(events, news.changed),
    log: log.child({ scope: 'outbox' }),
    dataDir: config.dataDir,
  });

  const mirror = stack.adopt(
    openMirror({
      store,
      mailboxes,
      upstreams,
      board,
      providers,
      credentialFor: (account) => accounts.credentialFor(account),
      clock,
      random: Math.random,
      events,
      log: log.child({ scope: 'mirror' }),
      settings: {
        pollEveryMs: config.mirror.pollEveryMs,
        settleMs: Math.min(config.unsure.settleMs, MIRROR_SETTINGS.settleMs),
        brake: config.mirror.brake,
      },
    }),
    (one) => one.close(),
  );

  const stopWork = new AbortController();
  const work = Promise.all([
    roles.has('deliver') ? outbox.run(stopWork.signal) : undefined,
    roles.has('mirror') ? mirror.run(stopWork.signal) : undefined,
    restoreWanted({ mailboxes, events, clock, log, signal: stopWork.signal }),
    forgetExpunged({ mailboxes, clock, log, signal: stopWork.signal }),
    runProbes({
      board,
      upstreams,
      providers,
      credentialOf: (account) => accounts.credentialFor(account)(),
      clock,
      random: Math.random,
      signal: stopWork.signal,
    }),
  ]);
  stack.defer(async () => {
    stopWork.abort();
    await work;
  });

  const room = stack.use(roomWatch(config.dataDir));
  const doors = stack.adopt(
    await openDoors({
      config,
      roles,
      store,
      mailboxes,
      accounts,
      put: (request) => outbox.put(request).finally(() => news.changed(request.account)),
      mirror,
      news,
      roomFor: (bytes) => room.hasRoomFor(bytes),
      clock,
      events,
      log,
    }),
    (one) => one.close(),
  );
  const setup =
    options.firstRun !== undefined && providers.length === 0 ? firstRun({ ...options.firstRun, config, store, vault }) : undefined;
  const http =
    roles.has('http') && config.listen.http
      ? stack.adopt(
          await openHttpDoor({
            listen: config.listen.http,
            doors: doors.addresses,
            isSelfSigned: doors.isSelfSigned,
            ...(setup ? { setup } : {}),
            config,
            store,
            clock,
            mailboxes,
            accounts,
            board,
            outbox,
            mirror,
            news,
            events,
            roomFor: (bytes) => room.hasRoomFor(bytes),
            ...(options.demo === undefined ? {} : { demo: options.demo }),
            log: log.child({ scope: 'http' }),
          }),
          (one) => one.close(),
        )
      : undefined;

  const addresses: Doors = { ...doors.addresses, ...(http ? { http: http.address } : {}) };
  const { isSelfSigned } = doors;
  announce(
    { config, doors: addresses, roles, isSelfSigned, called: options.called ?? 'stopgap', ...(setup ? { setupCode: setup.code } : {}) },
    log,
  );
  options.onReady?.(addresses);
  await untilAborted(options.signal);
  log.info('stopping');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
