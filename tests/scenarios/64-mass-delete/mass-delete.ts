import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import {
  hashOf,
  letterTo,
  mirrored,
  startMirrorScene,
  statusOf,
  type CopyHere,
  type MirrorScene,
  type MirrorSceneOptions,
} from '../../relay/index.ts';

const MESSAGES = 60;
const FEW = 2;
/** Of those that are left. */
const MOST = 50;
const LIMIT_MS = 60_000;
/** The provider's server is started twice in it, and the relay once. */
const SWAP_LIMIT_MS = 300_000;

export interface Way {
  readonly kind: 'imap' | 'roundcube';
  readonly scene: MirrorSceneOptions;
}

/** With nothing at its end that Roundcube would trim when it stores it. */
function letter(name: number | string): Buffer {
  const id = `m${name}`.replaceAll(' ', '-');
  return letterTo(id, { from: 'far@outside.test', to: ['alice@provider.test'], body: Buffer.from(`Letter ${name}`) });
}

/** The mailbox loses a few messages, then nearly all: by a fault that passes, by one that is repaired from a backup, and by a person's wish. */
export function massDelete({ kind, scene: options }: Way): void {
  let scene: MirrorScene;
  let alice: string;

  beforeAll(async () => {
    scene = await startMirrorScene(options);
    alice = scene.lab.address('alice');
    const door = await scene.door('alice');
    for (let number = 0; number < MESSAGES; number += 1) await door.append(['INBOX'], { bytes: letter(number) });
    await scene.add('alice');
    await scene.untilEqual('alice');
  });
  afterAll(() => scene?.[Symbol.asyncDispose]());

  const here = (): Promise<readonly CopyHere[]> => mirrored(scene.relay, alice);
  const isHeld = async (): Promise<boolean> => (await scene.mirrorOf('alice'))?.state === 'held';

  async function untilHeld(gone: number, of: number): Promise<void> {
    await until('the deletions are held', isHeld, LIMIT_MS);
    expect((await statusOf(scene.relay, alice)).held).toMatchObject([{ mailbox: 'INBOX', gone, of }]);
  }

  test('a few deletions are believed', async () => {
    const before = await here();
    const gone = await deleteThere(FEW);
    expect(await scene.untilEqual('alice')).toEqual(before.filter(without(gone)));
  });

  const title =
    'the storage comes back empty after a restart: everything is held and nothing goes; it is as before when the right one is back';
  test(title, { timeout: SWAP_LIMIT_MS }, async () => {
    const before = await here();
    const maildir = join(scene.lab.dir, 'mail/alice/Maildir');
    await scene.lab.stop('dovecot');
    await rename(maildir, `${maildir}.aside`);
    await scene.lab.start('dovecot');
    await untilHeld(before.length, before.length);
    await expectAlerts(before.length);
    await scene.end('SIGKILL');
    await scene.revive();
    await scene.untilLooked('alice', kind);
    await until('they are still held', isHeld, LIMIT_MS);
    expect(await here()).toEqual(before);
    await scene.lab.stop('dovecot');
    await rename(maildir, `${maildir}.empty`);
    await rename(`${maildir}.aside`, maildir);
    await scene.lab.start('dovecot');
    await until('nothing is held any more', async () => (await scene.mirrorOf('alice'))?.state === 'idle', LIMIT_MS);
    expect((await statusOf(scene.relay, alice)).held).toEqual([]);
    expect(await here()).toEqual(before);
  });

  test('deleted and restored from a backup, under other UIDs: the same messages here', async () => {
    const before = await here();
    const gone = await deleteThere(MOST);
    await untilHeld(MOST, before.length);
    expect(await here()).toEqual(before);
    const door = await scene.door('alice');
    for (const bytes of gone) await door.append(['INBOX'], { bytes });
    await until('nothing is held any more', async () => (await scene.mirrorOf('alice'))?.state === 'idle', LIMIT_MS);
    expect(await scene.untilEqual('alice')).toEqual(before);
  });

  test('released, they go here too, and each can be restored with its bytes', async () => {
    const before = await here();
    const gone = await deleteThere(MOST);
    await untilHeld(MOST, before.length);
    await using desk = await scene.desk('alice');
    const [lost = Buffer.alloc(0)] = gone;
    const name = /<(m\d+)@/.exec(lost.toString('latin1'))?.[1] ?? '';
    const id = desk.idOf('INBOX', name);
    const { code, stdout } = await scene.relay.cli(['mirror', 'release', alice]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${MOST} messages will go here, too`) });
    expect(await scene.untilEqual('alice')).toEqual(before.filter(without(gone)));
    await until('nothing is held any more', async () => (await scene.mirrorOf('alice'))?.state === 'idle', LIMIT_MS);

    expect(await desk.restore(id)).toBe(true);
    await scene.untilCarried('alice');
    const restored = (await scene.untilEqual('alice')).filter(({ hash }) => hash === hashOf(lost));
    expect(restored).toHaveLength(1);
    expect(desk.idOf('INBOX', name)).toBe(id);
  });

  test(
    'restored from a backup of its files: new mail under old UIDs is told apart, what the backup lacks stays here and is given back',
    { timeout: SWAP_LIMIT_MS },
    async () => {
      const maildir = join(scene.lab.dir, 'mail/alice/Maildir');
      await scene.lab.stop('dovecot');
      await promisify(execFile)('cp', ['-a', maildir, `${maildir}.backup`]);
      await scene.lab.start('dovecot');
      let door = await scene.door('alice');
      for (const name of ['lost1', 'lost2', 'lost3']) await door.append(['INBOX'], { bytes: letter(name) });
      const before = await scene.untilEqual('alice');
      await scene.lab.stop('dovecot');
      await rename(maildir, `${maildir}.broken`);
      await rename(`${maildir}.backup`, maildir);
      await scene.lab.start('dovecot');
      door = await scene.door('alice');
      await door.append(['INBOX'], { bytes: letter('the first one after the restore') });
      await untilHeld(3, before.length + 1);
      const now = await here();
      expect(now.slice(0, before.length)).toEqual(before);
      expect(now.map(({ hash }) => hash)).toContain(hashOf(letter('the first one after the restore')));
      const { code, stdout } = await scene.relay.cli(['mirror', 'give-back', alice]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('3 messages will be given to the provider again') });
      await until('nothing is held any more', async () => (await scene.mirrorOf('alice'))?.state === 'idle', LIMIT_MS);
      await scene.untilCarried('alice');
      expect(await scene.untilEqual('alice')).toEqual(now);
    },
  );

  /** So many, oldest first, at the provider. */
  async function deleteThere(count: number): Promise<readonly Buffer[]> {
    const door = await scene.door('alice');
    const gone = (await door.messages(['INBOX'])).slice(0, count).map(({ bytes }) => bytes);
    await door.expunge(['INBOX'], [...gone.keys()]);
    return gone;
  }

  /** Who runs the relay sees it: in the status, in the numbers, in the log. */
  async function expectAlerts(gone: number): Promise<void> {
    const { stdout } = await scene.relay.cli(['mirror', 'status', alice]);
    expect(stdout).toContain(`${gone} messages of ${gone} in INBOX gone at the provider`);
    expect(stdout).toContain(`stopgap mirror release ${alice}`);
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${scene.relay.ports.http}/metrics`)).text();
    expect(await metrics()).toMatch(/^stopgap_deletions_held_total\{[^}]*\} 1$/m);
    // While it looks again it is syncing.
    await until('the metrics tell it', async () => /^stopgap_mirror_accounts\{state="held"\} 1$/m.test(await metrics()), LIMIT_MS);
    expect(await scene.relay.log()).toContain('deletions held');
  }
}

function without(messages: readonly Buffer[]): (copy: CopyHere) => boolean {
  const hashes = new Set(messages.map(hashOf));
  return ({ hash }) => !hashes.has(hash);
}
