/*
 * pnpm bench NAME [--messages N] [--connection-per-message] [--profile DIR]: runs one benchmark; its last line says what came out.
 */
import { parseArgs } from 'node:util';
import { accept } from './accept.ts';
import { accounts } from './accounts.ts';
import { depth } from './depth.ts';
import { drain } from './drain.ts';
import { firstSync } from './first-sync.ts';
import { imapFetch } from './imap-fetch.ts';
import { imapIdle } from './imap-idle.ts';
import { imapLarge } from './imap-large.ts';
import { imapMix } from './imap-mix.ts';
import { jmap } from './jmap.ts';
import { memory } from './memory.ts';
import { poll } from './poll.ts';
import type { Bench } from './report.ts';
import { roundcubeFetch } from './roundcube-fetch.ts';
import { search } from './search.ts';
import { web } from './web.ts';

const BENCHES: ReadonlyMap<string, Bench> = new Map(
  Object.entries({
    accept,
    drain,
    depth,
    memory,
    'first-sync': firstSync,
    poll,
    roundcube: roundcubeFetch,
    search,
    accounts,
    jmap,
    'imap-fetch': imapFetch,
    'imap-idle': imapIdle,
    'imap-large': imapLarge,
    'imap-mix': imapMix,
    web,
  }),
);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { messages: { type: 'string' }, 'connection-per-message': { type: 'boolean' }, profile: { type: 'string' } },
});
const bench = BENCHES.get(positionals[0] ?? '');
if (!bench) {
  process.stderr.write(`pnpm bench NAME, with NAME one of ${[...BENCHES.keys()].join(', ')}\n`);
  process.exit(2);
}
const { line } = await bench({
  say: (text) => void process.stdout.write(`${text}\n`),
  ...(values.messages === undefined ? {} : { messages: Number(values.messages) }),
  ...(values.profile === undefined ? {} : { profileDir: values.profile }),
  ...(values['connection-per-message'] === undefined ? {} : { connectionPerMessage: values['connection-per-message'] }),
});
process.stdout.write(`${line}\n`);
// The lab's port claim and idle sockets would keep it.
process.exit(0);
