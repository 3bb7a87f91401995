import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Erased } from './erase-account.ts';

/** What is said about an erasure: the only place where the address is still written. */
export interface Receipt extends Erased {
  readonly address: string;
  /** ISO 8601, UTC. */
  readonly erasedAt: string;
}

/** `receipts/erased-20261125T120000Z-1.json`, for the operator's records; never read here. Returns its path. */
export async function writeReceipt(dataDir: string, receipt: Receipt): Promise<string> {
  const directory = join(dataDir, 'receipts');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const time = receipt.erasedAt.replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
  for (let n = 1; ; n++) {
    const file = join(directory, `erased-${time}-${n}.json`);
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(receipt, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      return file;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}
