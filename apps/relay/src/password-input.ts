import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { MailError, Secret } from '@stopgap/core';
import { whyOf } from './failure.ts';

/** The whole file without its last line end; `-`: standard input, and at a terminal a question without an echo. */
export async function readPassword(file: string, question: string): Promise<Secret> {
  const password = (await contentOf(file, question)).replace(/\r?\n$/, '');
  if (password !== '') return new Secret(password);
  throw new MailError('permanent', 'The password is empty. Give it in a file with --password-file, or on standard input.', {
    code: 'usage',
  });
}

async function contentOf(file: string, question: string): Promise<string> {
  if (file !== '-') return readFileOf(file);
  return process.stdin.isTTY ? asked(question) : readAll(process.stdin);
}

/** @throws MailError with a sentence */
export async function readFileOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new MailError('permanent', `${file} can not be read: ${whyOf(cause)}.`, { code: 'file', cause });
  }
}

async function asked(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // In raw mode Ctrl-C is a key like any other.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
