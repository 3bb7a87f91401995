import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MailError, MAILBOX_SEPARATOR } from '@stopgap/core';
import { isMaildirKeyword, maildirFile, maildirFolder, MOST_MAILDIR_KEYWORDS } from '@stopgap/message';
import type { MessageRow } from '@stopgap/store';
import { whyOf } from '../failure.ts';

/** Mail is for its owner's eyes. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** The file system writes them together. */
const SYNCED_AT_ONCE = 32;
const NOT_IN_KEYWORD_FILE = /[\s\0]/;

/** A folder of the tree, and the keywords that got a letter in it. */
export interface MaildirFolder {
  /** '' is the tree itself: INBOX. */
  readonly name: string;
  readonly keywords: string[];
}

/** Writes one Maildir++ tree: INBOX at its top, every other mailbox in a folder of its own. */
export class MaildirTree {
  readonly #directory: string;
  readonly #folders: MaildirFolder[] = [];
  readonly #taken = new Set<string>();
  /** What has to be on disk at the end; fsync then costs little, for most of it has been written meanwhile. */
  readonly #written: string[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws MailError when the directory holds anything, or can not be made */
  static async begin(directory: string): Promise<MaildirTree> {
    try {
      await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
      if ((await readdir(directory)).length > 0) {
        throw new MailError('permanent', `${directory} is not empty. Name a directory that is empty or not there yet.`, {
          code: 'not-empty',
        });
      }
    } catch (cause) {
      if (cause instanceof MailError) throw cause;
      throw new MailError('permanent', `${directory} can not be written to: ${whyOf(cause)}.`, { code: 'directory', cause });
    }
    return new MaildirTree(directory);
  }

  async addFolder(mailbox: string): Promise<MaildirFolder> {
    const folder: MaildirFolder = { name: maildirFolder(mailbox.split(MAILBOX_SEPARATOR), this.#taken), keywords: [] };
    this.#taken.add(folder.name.toLowerCase());
    this.#folders.push(folder);
    for (const part of ['cur', 'new', 'tmp'])
      await mkdir(join(this.#directory, folder.name, part), { recursive: true, mode: DIRECTORY_MODE });
    // What marks a folder as part of a tree, for delivery agents (Maildir++).
    if (folder.name !== '') await this.writeText(join(folder.name, 'maildirfolder'), '');
    return folder;
  }

  /** The bytes as they come; the time of the file is that of the message. Nothing is left when `bytes` throws. */
  async addMessage(folder: MaildirFolder, message: MessageRow, bytes: AsyncIterable<Buffer>): Promise<number> {
    for (const flag of message.flags) {
      const hasRoom = folder.keywords.length < MOST_MAILDIR_KEYWORDS && !folder.keywords.includes(flag);
      if (hasRoom && isMaildirKeyword(flag) && !NOT_IN_KEYWORD_FILE.test(flag)) folder.keywords.push(flag);
    }
    const root = join(this.#directory, folder.name);
    const draft = join(root, 'tmp', String(message.id));
    const handle = await open(draft, 'w', FILE_MODE);
    let sizeBytes = 0;
    try {
      for await (const chunk of bytes) {
        await handle.writeFile(chunk);
        sizeBytes += chunk.length;
      }
      const received = new Date(message.receivedAtMs);
      await handle.utimes(received, received);
    } catch (error) {
      await rm(draft);
      throw error;
    } finally {
      await handle.close();
    }
    const file = join(root, 'cur', maildirFile({ ...message, sizeBytes }, folder.keywords));
    await rename(draft, file);
    this.#written.push(file);
    return sizeBytes;
  }

  async writeText(name: string, text: string): Promise<void> {
    const file = join(this.#directory, name);
    await writeFile(file, text, { mode: FILE_MODE, flag: 'wx' });
    this.#written.push(file);
  }

  /** Everything is on disk afterwards, names too: an account may be erased next. */
  async finish(): Promise<void> {
    for (const { name, keywords } of this.#folders) {
      if (keywords.length > 0)
        await this.writeText(join(name, 'dovecot-keywords'), keywords.map((keyword, n) => `${n} ${keyword}\n`).join(''));
    }
    const folders = this.#folders.flatMap(({ name }) => [join(name, 'cur'), name].map((one) => join(this.#directory, one)));
    const paths = [...this.#written, ...folders, this.#directory];
    for (let start = 0; start < paths.length; start += SYNCED_AT_ONCE) {
      await Promise.all(paths.slice(start, start + SYNCED_AT_ONCE).map(synced));
    }
  }
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
