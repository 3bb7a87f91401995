import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalFlags } from '@stopgap/core';
import { hashOf, type Copy } from '../../relay/index.ts';

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['D', '$draft'],
  ['F', '$flagged'],
  ['R', '$answered'],
  ['S', '$seen'],
  ['T', '$deleted'],
]);

/** Maildirs below one directory, as a program that works on them sees them. A message is named by its subject. */
export class MaildirTree {
  readonly #root: string;
  #delivered = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** Every message, with its bytes as `plain` leaves them. */
  async copies(): Promise<Copy[]> {
    return await Promise.all(
      (await this.#files()).map(async ({ mailbox, path, letters }) => ({
        mailbox,
        hash: hashOf(plain(await readFile(path))),
        flags: normalFlags(letters.flatMap((letter) => LETTERS.get(letter) ?? [])).join(' '),
      })),
    );
  }

  /** Gives a message other flags. */
  async mark(subject: string, letters: string): Promise<void> {
    const file = await this.#find(subject);
    await rename(file.path, join(file.folder, 'cur', `${file.name.replace(/:2,.*$/, '')}:2,${letters}`));
  }

  async remove(subject: string): Promise<void> {
    await rm((await this.#find(subject)).path);
  }

  /** Under a new name: to a program that keeps them equal it is another message. */
  async move(subject: string, mailbox: string): Promise<void> {
    const { path } = await this.#find(subject);
    await this.deliver(mailbox, await readFile(path));
    await rm(path);
  }

  async deliver(mailbox: string, bytes: Buffer): Promise<void> {
    const folder = join(this.#root, mailbox);
    for (const part of ['cur', 'new', 'tmp']) await mkdir(join(folder, part), { recursive: true });
    this.#delivered += 1;
    await writeFile(join(folder, 'cur', `${Date.now()}.${process.pid}_${this.#delivered}.here:2,S`), plain(bytes));
  }

  async #find(subject: string) {
    for (const file of await this.#files()) {
      if ((await readFile(file.path, 'latin1')).includes(`\nSubject: ${subject}\n`)) return file;
    }
    throw new Error(`there is no message "${subject}"`);
  }

  async #files() {
    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\/(?:cur|new)$/.test(entry.parentPath))
      .map(({ parentPath, name }) => {
        const folder = parentPath.replace(/\/(?:cur|new)$/, '');
        return {
          mailbox: folder.slice(this.#root.length + 1),
          folder,
          name,
          path: join(parentPath, name),
          letters: (/:2,(.*)$/.exec(name)?.[1] ?? '').split(''),
        };
      });
  }
}

/** A Maildir has LF, and mbsync puts a field of its own in. */
function plain(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes
      .toString('latin1')
      .replaceAll('\r\n', '\n')
      .replace(/^X-TUID: .*\n/m, ''),
    'latin1',
  );
}
