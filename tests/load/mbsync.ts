import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBenchPeer } from '../peers.mjs';
import type { FullProvider } from './full-mailboxes.ts';

/** The peer: Debian's mbsync fetches INBOX into a Maildir, in clear, forcing each message to disk as it does by default. Seconds. */
export async function runMbsync({ lab, address, password }: FullProvider, messages: number): Promise<number> {
  ensureBenchPeer('isync');
  const home = mkdtempSync(join(tmpdir(), 'stopgap-mbsync-'));
  try {
    const config = join(home, 'mbsyncrc');
    writeFileSync(
      config,
      `IMAPStore far
Host 127.0.0.1
Port ${lab.ports.imap}
User ${address}
Pass ${password}
SSLType None
AuthMechs LOGIN

MaildirStore near
Path ${home}/
Inbox ${home}/INBOX

Channel inbox
Far :far:
Near :near:
Sync Pull
Create Near
SyncState *
`,
      { mode: 0o600 },
    );
    const startMs = performance.now();
    // A session of its own, as everybody has who is measured here.
    const child = spawn('mbsync', ['-q', '-c', config, 'inbox'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    const seconds = (performance.now() - startMs) / 1000;
    const found = ['cur', 'new'].reduce((sum, part) => sum + readdirSync(join(home, 'INBOX', part)).length, 0);
    if (code !== 0 || found !== messages) throw new Error(`mbsync ended with ${code} and ${found} of ${messages} messages: ${said}`);
    return seconds;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
