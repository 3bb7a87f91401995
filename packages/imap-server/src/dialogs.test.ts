import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { runDialog } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { PASSWORD, TestServer } from './test-server.ts';

/** They say nothing of what is behind the server, so that the whole relay and other servers can be asked the same. */
const DIALOGS = join(import.meta.dirname, '../../../tests/dialogs/imap');

test.each(readdirSync(DIALOGS).filter((name) => name.endsWith('.txt')))('the dialog %s', async (name) => {
  await using server = await TestServer.start();
  server.mail.make('Trash', 'Trash').isSubscribed = true;
  const plain = (password: string): string => Buffer.from(`\0alice@a.test\0${password}`).toString('base64');
  await runDialog(readFileSync(join(DIALOGS, name), 'utf8'), {
    connect: async () => {
      const socket = connect({ port: server.port('imap'), host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return socket;
    },
    startTls: async (socket) => {
      const secured = connectTls({ socket, rejectUnauthorized: false });
      await once(secured, 'secureConnect');
      return secured;
    },
    variables: { user: 'alice@a.test', password: `"${PASSWORD}"`, plain: plain(PASSWORD), 'wrong-plain': plain('wrong') },
    check: () => undefined,
  });
  expect(server.failures).toEqual([]);
});
