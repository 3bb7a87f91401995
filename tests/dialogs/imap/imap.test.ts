/*
 * The IMAP dialogs, asked of the whole relay and, so that they are what IMAP is and not what we think it is, of Dovecot. Each has an account of its own, as
 * the provider makes it: INBOX, Drafts, Sent, Junk, Trash, Archive. (packages/imap-server runs them on mail in memory.)
 */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { ImapTalk, runDialog } from '@stopgap/testkit';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { startMirrorScene, type MirrorScene } from '../../relay/index.ts';

const DIALOGS = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));
/** At the relay; what it carries back must not be met by the others, who talk to Dovecot. */
const OURS = DIALOGS.map((name) => name.replace(/\.txt$/, ''));
const THEIRS = OURS.map((user) => `${user}-there`);

/** What Dovecot 2.3 does in another way, and rightly so. */
const NOT_DOVECOT: Readonly<Record<string, string>> = {
  'append-refused.txt': 'it takes a message of any size',
  'hostile.txt': 'it ends the connection where we answer BAD, and answers BAD where we end it',
  'http.txt': 'it answers BAD to the first lines of a browser',
  'rev2.txt': 'it speaks IMAP4rev1 only',
  'starttls-injection.txt': 'it ends the connection, too, but without BYE',
  'thunderbird-start.txt': 'it has no UTF8=ACCEPT, and COMPRESS is not switched on',
};

let scene: MirrorScene;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: [...OURS, ...THEIRS], parts: ['dovecot', 'postfix'] } });
  for (const user of OURS) {
    const talk = await ImapTalk.open(scene.relay.ports.imap);
    await talk.command(`LOGIN ${scene.lab.address(user)} ${scene.lab.password(user)}`);
    talk.socket.destroy();
  }
  for (const user of OURS) await scene.untilState(user, 'idle');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

describe('on the relay', () => {
  test.each(DIALOGS)('%s', (name) => talk(name, { user: name.replace(/\.txt$/, ''), port: scene.relay.ports.imap }));
});

describe('on Dovecot', () => {
  test.each(DIALOGS.filter((name) => NOT_DOVECOT[name] === undefined))('%s', (name) =>
    talk(name, { user: name.replace(/\.txt$/, '-there'), port: scene.lab.ports.imap }),
  );
});

async function talk(name: string, { user: localPart, port }: { readonly user: string; readonly port: number }): Promise<void> {
  const [user, password] = [scene.lab.address(localPart), scene.lab.password(localPart)];
  const plain = (secret: string): string => Buffer.from(`\0${user}\0${secret}`).toString('base64');
  await runDialog(readFileSync(join(import.meta.dirname, name), 'utf8'), {
    connect: async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      return socket;
    },
    startTls: async (socket) => {
      const secured = connectTls({ socket, rejectUnauthorized: false });
      await once(secured, 'secureConnect');
      return secured;
    },
    variables: { user, password: `"${password}"`, plain: plain(password), 'wrong-plain': plain('wrong') },
    check: () => undefined,
  });
}
