import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { loadConfig, type Config } from '@stopgap/config';
import type { PracticeProvider } from './practice-provider.ts';

/** Where a relay listens by itself, so that the demo is found where it is looked for. */
const PORTS = { submission: 2587, submissions: 2465, imap: 2143, imaps: 2993, pop3: 2110, pop3s: 2995, http: 2080 } as const;

/** As an operator would write it, but that everything is quick: whoever tries it out does not wait for minutes. */
export async function demoConfig(directory: string, provider: PracticeProvider): Promise<Config> {
  const webmail = { kind: 'roundcube', url: provider.webmailUrl };
  const smtp = { kind: 'smtp', host: '127.0.0.1', port: provider.smtpPort, security: 'none' };
  const imap = { kind: 'imap', host: '127.0.0.1', port: provider.imapPort, security: 'none' };
  const listen = await Promise.all(
    Object.entries(PORTS).map(async ([door, port]) => [door, `127.0.0.1:${(await isFree(port)) ? port : 0}`] as const),
  );
  const content = {
    hostname: 'relay.demo.test',
    data: join(directory, 'data'),
    listen: Object.fromEntries(listen),
    allowPrivateUpstreams: true,
    retry: { first: '1s', longest: '3s' },
    unsure: { settle: '3s', retries: 3 },
    mirror: { pollEvery: '2s' },
    providers: [
      {
        name: 'practice',
        domains: ['demo.test'],
        incoming: [imap, webmail],
        outgoing: [smtp, webmail],
        probe: { every: '1s', timeout: '2s' },
      },
    ],
    // Where the doors are is told to the visitor in other words.
    log: { level: 'error', format: 'json' },
  };
  const file = join(directory, 'stopgap.yaml');
  await writeFile(file, JSON.stringify(content, null, 2));
  return loadConfig({ file, env: {}, cwd: directory });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isOurs = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isOurs) await new Promise((resolve) => server.close(resolve));
  return isOurs;
}
