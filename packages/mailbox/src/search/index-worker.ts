/* The search worker: a thread of its own, so that indexing does not hold the event loop. Requests are done one after the other, in their order. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, type AccountId } from '@stopgap/core';
import { openIndexFile, OtherIndexVersion, type IndexFile } from './index-file.ts';
import type { IndexAnswers, IndexCall, IndexReply, IndexRequest } from './index-messages.ts';

/** Open at once; each has a cache and its met words. To open one for one message costs three times what the message costs. */
const FILES_OPEN = 32;

const { directory } = workerData as { readonly directory: string };
/** The longest unused first. */
const opened = new Map<AccountId, IndexFile>();
/** Accounts with a batch that was not taken wholly, until they are looked through. */
const lagging = new Set<AccountId>();

parentPort?.on('message', ({ number, request }: IndexCall) => {
  let reply: IndexReply;
  try {
    reply = { number, answer: answerTo(request) };
  } catch (error) {
    // Derived: a broken file is made again. Whoever asked starts from its mark, which is then empty.
    if (isBroken(error)) drop(request.account);
    reply = { number, error: messageOf(error) };
  }
  parentPort?.postMessage(reply, []);
});

function answerTo(request: IndexRequest): IndexAnswers[keyof IndexAnswers] {
  switch (request.kind) {
    case 'feed':
      return feed(request);
    case 'mark':
      // From here on everything that is missing is looked for.
      lagging.delete(request.account);
      return fileOf(request.account).through();
    case 'missing':
      return fileOf(request.account).missing(request.messages);
    case 'match':
      return fileOf(request.account).match(request.tree, request);
    case 'filter':
      return fileOf(request.account).filter(request.tree, request.ids);
    case 'remove':
      fileOf(request.account).remove(request.ids);
      return undefined;
    case 'erase':
      return drop(request.account);
    default:
      return request satisfies never;
  }
}

/** After a batch that was not taken wholly the mark must not go past it, though the next ones may be on their way already. */
function feed({ through, ...batch }: Extract<IndexRequest, { kind: 'feed' }>): boolean {
  const wasLagging = lagging.has(batch.account);
  lagging.add(batch.account);
  const isWhole = fileOf(batch.account).feed({ ...batch, ...(through === undefined || wasLagging ? {} : { through }) });
  if (isWhole && !wasLagging) lagging.delete(batch.account);
  return isWhole;
}

function fileOf(account: AccountId): IndexFile {
  const known = opened.get(account);
  if (known) {
    opened.delete(account);
    opened.set(account, known);
    return known;
  }
  for (const [oldest, file] of opened) {
    if (opened.size < FILES_OPEN) break;
    file.close();
    opened.delete(oldest);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = openIndexFile(pathOf(account));
  opened.set(account, file);
  return file;
}

function isBroken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error instanceof OtherIndexVersion || /^SQLITE_(?:CORRUPT|NOTADB|IOERR)/.test(code);
}

function drop(account: AccountId): undefined {
  try {
    opened.get(account)?.close();
  } finally {
    opened.delete(account);
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(pathOf(account) + ending, { force: true });
  }
}

function pathOf(account: AccountId): string {
  return join(directory, `${createHash('sha256').update(account).digest('hex').slice(0, 32)}.db`);
}
