import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { formatHostPort, loadConfig, type Config } from '@stopgap/config';
import type { PracticeProvider } from './practice-provider.ts';

/** Where a relay listens by itself, so that the demo is found where it is looked for. */
const PORTS = { submission: 2587, submissions: 2465, imap: 2143, imaps: 2993, pop3: 2110, pop3s: 2995, http: 2080 } as const;
const HOST = '127.0.0.1';

/** Any free port for a door whose own is taken. */
export async function standardListen(): Promise<Config['listen']> {
  const at = async (door: keyof typeof PORTS) => ({ host: HOST, port: (await isFree(PORTS[door])) ? PORTS[door] : 0 });
  return {
    submission: await at('submission'),
    submissions: await at('submissions'),
    imap: await at('imap'),
    imaps: await at('imaps'),
    pop3: await at('pop3'),
    pop3s: await at('pop3s'),
    http: await at('http'),
  };
}

interface Stage {
  readonly directory: string;
  readonly provider: PracticeProvider;
  readonly listen: Config['listen'];
}

/** As an operator would write it, but that everything is quick: whoever tries it out does not wait for minutes. */
export async function demoConfig({ directory, provider, listen }: Stage): Promise<Config> {
  const webmail = { kind: 'roundcube', url: provider.webmailUrl };
  const smtp = { kind: 'smtp', host: HOST, port: provider.smtpPort, security: 'none' };
  const imap = { kind: 'imap', host: HOST, port: provider.imapPort, security: 'none' };
  const content = {
    hostname: 'relay.demo.test',
    data: join(directory, 'data'),
    listen: Object.fromEntries(Object.entries(listen).map(([door, at]) => [door, at === false ? false : formatHostPort(at)])),
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
    server.once('error', () => resolve(false)).listen(port, HOST, () => resolve(true));
  });
  if (isOurs) await new Promise((resolve) => server.close(resolve));
  return isOurs;
}
