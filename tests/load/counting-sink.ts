import { spawn } from 'node:child_process';
import { isOpen, until } from '../lab/index.ts';

const BACKLOG = '1000';

/** Postfix's own smtp-sink: takes everything, keeps nothing, counts. It is cheap and in C, so that it is not what is measured. */
export interface CountingSink extends AsyncDisposable {
  readonly count: () => number;
  /** Between the first message and the last one so far. */
  readonly seconds: () => number;
}

export async function startCountingSink(port: number): Promise<CountingSink> {
  const child = spawn('/usr/sbin/smtp-sink', ['-c', '-u', 'nobody', `127.0.0.1:${port}`, BACKLOG], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => void child.once('exit', () => done()));
  let count = 0;
  let firstMs: number | undefined;
  let lastMs = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    const seen = Number([...chunk.toString('latin1').matchAll(/mesg=(\d+)/g)].at(-1)?.[1] ?? 0);
    if (seen <= count) return;
    count = seen;
    lastMs = performance.now();
    firstMs ??= lastMs;
  });
  await until('the sink listens', () => isOpen(port));
  return {
    count: () => count,
    seconds: () => (lastMs - (firstMs ?? lastMs)) / 1000,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
