import type { Socket } from 'node:net';
import {
  MailError,
  type HostPath,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type ProbeResult,
  type Reason,
  type Upstream,
} from '@stopgap/core';
import { connect, upgradeToTls } from '../net/connect.ts';
import { lineReader, readGreeting } from '../net/greeting.ts';
import type { Guard } from '../net/guard.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { unechoed } from '../net/unechoed.ts';

const CONNECT_MS = 30_000;
const ANSWER_MS = 30_000;

/** Probes and log-in checks of POP3 servers (RFC 1939, STLS of RFC 2595, response codes of RFC 2449 and 3206). */
export function createPop3Upstream({ guard }: { readonly guard: Guard }): Upstream {
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      if (path.kind !== 'pop3') return { kind: 'failed', reason: wrongKind(path) };
      const startedMs = performance.now();
      try {
        const line = await readGreeting(await open(path, guard, signal), signal, ANSWER_MS);
        if (line.startsWith('+OK')) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
        return { kind: 'failed', reason: { class: 'connect', text: `${path.host} greeted with: ${line}`, host: path.host } };
      } catch (error) {
        return { kind: 'failed', reason: reasonOfNetworkError(error, path.host) };
      }
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      if (path.kind !== 'pop3') return { kind: 'undecided', reason: wrongKind(path) };
      let socket: Socket | undefined;
      try {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS + ANSWER_MS)]);
        socket = await open(path, guard, deadline);
        let read = lineReader(socket, deadline);
        const say = async (line: string): Promise<string> => {
          socket?.write(`${line}\r\n`);
          return read();
        };
        expectOk(await read(), path);
        if (path.security === 'starttls') {
          expectOk(await say('STLS'), path);
          // Nothing read so far may be taken for an answer from inside TLS.
          socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
          socket = await upgradeToTls(socket, { host: path.host, ca: path.ca, guard, signal: deadline });
          read = lineReader(socket, deadline);
        }
        if (/[\r\n\0]/.test(credential.username + credential.password.open()))
          throw new Error('the log-in has characters that POP3 can not carry');
        const user = await say(`USER ${credential.username}`);
        const answer = user.startsWith('+OK') ? await say(`PASS ${credential.password.open()}`) : user;
        if (!answer.startsWith('+OK')) return refusal(unechoed(answer, credential), path.host);
        socket.write('QUIT\r\n');
        return { kind: 'accepted' };
      } catch (error) {
        return { kind: 'undecided', reason: reasonOfNetworkError(error, path.host) };
      } finally {
        socket?.on('error', () => undefined).destroy();
      }
    },
  };
}

function open(path: HostPath, guard: Guard, signal: AbortSignal): Promise<Socket> {
  const { host, port, ca } = path;
  return connect({ host, port, ca, guard, signal, security: path.security === 'tls' ? 'tls' : 'none', timeoutMs: CONNECT_MS });
}

const CREDENTIAL_TEXT =
  /authenticat|not accepted|(?:invalid|incorrect|wrong|bad) (?:credentials|user|login|password)|(?:login|password) (?:failed|incorrect|invalid|wrong)/i;

/**
 * RFC 3206: AUTH speaks of the credential, SYS of the server. Dovecot 2.3 also says `[AUTH] Maintenance` to a log-in that the provider has blocked
 * (nologin), so the words have to agree with the code.
 */
function refusal(answer: string, host: string): LoginVerdict {
  const [, code = '', text = ''] = /^-ERR ?(?:\[([A-Z/-]+)\])?\s*(.*)$/i.exec(answer) ?? [];
  const isClear = CREDENTIAL_TEXT.test(text);
  const isRefused = code.toUpperCase() === 'AUTH' ? isClear || text === '' : code === '' && isClear;
  const said = answer.replace(/^-ERR ?/i, '');
  return { kind: isRefused ? 'refused' : 'undecided', reason: { class: 'auth', text: `${host} said: ${said}`, host } };
}

function expectOk(line: string, path: HostPath): void {
  if (line.startsWith('+OK')) return;
  const reason: Reason = { class: 'connect', text: `${path.host} said: ${line}`, host: path.host };
  throw new MailError('transient', reason.text, { code: 'pop3', reason });
}

function wrongKind(path: Path): Reason {
  return { class: 'internal', text: `${path.id} is not spoken in POP3` };
}
