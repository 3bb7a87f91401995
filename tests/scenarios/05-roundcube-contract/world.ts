import { asId, systemClock, type Route } from '@stopgap/core';
import { loadRoute } from '@stopgap/outbox';
import type { RoundcubeWorld } from '@stopgap/testkit/roundcube-contract';
import { createGuard } from '@stopgap/upstreams';
import { startLab } from '../../lab/index.ts';

/** Roundcube counts failures by person and minute; the suite makes more of them than a person would. */
const PATIENT = `$config['login_rate_limit'] = 1000;`;

const { createRoundcubeRoute } = await loadRoute.roundcube();

export async function startRealWorld(extraConfig = ''): Promise<RoundcubeWorld> {
  const lab = await startLab({ roundcube: { extraConfig: `${PATIENT}\n${extraConfig}` } });
  const users = ['alice', 'bob', 'carol'];
  const userOf = (address: string) => address.slice(0, address.indexOf('@'));
  const refusals = new Map<string, string>();
  return {
    url: `http://127.0.0.1:${lab.ports.roundcube}/`,
    accounts: users.map((user) => ({ address: lab.address(user), password: lab.password(user) })),
    mailbox: (address, name) => lab.mailbox(userOf(address), name),
    departed: () => lab.outside(),
    async refuse(address, reply) {
      refusals.set(address, reply);
      await lab.refuse(Object.fromEntries(refusals));
    },
    setStorage: (isUp) => (isUp ? lab.start('dovecot') : lab.stop('dovecot')),
    setMailServer: (isUp) => (isUp ? lab.start('postfix') : lab.stop('postfix')),
    close: () => lab.stop(),
  };
}

export function createTestRoute(url: string): Route {
  return createRoundcubeRoute({
    path: { id: asId.path('lab'), provider: asId.provider('lab'), direction: 'outgoing', connections: 6, kind: 'roundcube', url },
    guard: createGuard({ allowPrivate: true }),
    clock: systemClock,
    settleMs: 0,
  });
}
