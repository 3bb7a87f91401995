import http from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Spell, Weather } from './weather.ts';

/** More than the webmail itself takes. */
const LARGEST_BODY_BYTES = 128_000_000;
/** How much of a body `match` sees. */
const MATCHED_BODY_BYTES = 65_536;
/** Longer than a scenario pauses: an idle connection that closes by itself would be a fault that nobody asked for. */
const IDLE_LIMIT_MS = 120_000;
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'content-length',
]);

/**
 * Follows HTTP request by request. Unlike php -S behind it, it keeps connections alive, as a real front end does. `spell` gives the
 * weather of the moment.
 */
export function httpRelay(backendPort: number, spell: () => Spell): Server {
  return http.createServer({ keepAliveTimeout: IDLE_LIMIT_MS, requestTimeout: 0 }, (request, response) => {
    relay(request, response, { backendPort, spell: spell() }).catch(() => reset(request.socket));
  });
}

interface Target {
  readonly backendPort: number;
  readonly spell: Spell;
}

async function relay(request: IncomingMessage, response: ServerResponse, { backendPort, spell }: Target): Promise<void> {
  const body = await readBody(request, LARGEST_BODY_BYTES);
  const { weather } = spell;
  const isStruck = 'match' in weather && matches(weather.match, request, body) && spell.strike();
  if (isStruck && weather.mode === 'rejectRequest') {
    response.writeHead(weather.status, { 'content-type': 'text/html; charset=utf-8' }).end(weather.body ?? '');
    return;
  }
  if (isStruck && isCutBefore(weather)) {
    reset(request.socket);
    return;
  }
  if (isStruck && weather.mode === 'stallRequest' && !weather.delivered) return;
  if (isStruck && weather.mode === 'delayRequest') await sleep(weather.ms);
  const answer = await ask(request, body, backendPort);
  if (isStruck && weather.mode === 'stallRequest') return void (await readBody(answer, Number.POSITIVE_INFINITY));
  if (isStruck && weather.mode === 'cutRequest') {
    await readBody(answer, Number.POSITIVE_INFINITY);
    reset(request.socket);
    return;
  }
  const length = answer.headers['content-length'];
  response.writeHead(answer.statusCode ?? 502, [...endToEnd(answer), ...(length === undefined ? [] : ['content-length', length])]);
  answer.pipe(response);
  answer.once('error', () => reset(request.socket));
  // Whoever leaves in the middle leaves the server behind us, too; it would wait, holding locks.
  if (response.destroyed) answer.destroy();
  else response.once('close', () => answer.destroy());
}

function isCutBefore(weather: Weather): boolean {
  return weather.mode === 'cutRequest' && !weather.delivered;
}

function matches(match: string | RegExp, request: IncomingMessage, body: Buffer): boolean {
  const text = `${request.method} ${request.url}\n${body.subarray(0, MATCHED_BODY_BYTES).toString('latin1')}`;
  return typeof match === 'string' ? text.includes(match) : new RegExp(match.source, match.flags.replaceAll(/[gy]/g, '')).test(text);
}

function ask(request: IncomingMessage, body: Buffer, port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = [
      ...endToEnd(request),
      ...(body.length > 0 || request.method === 'POST' ? ['content-length', String(body.length)] : []),
    ];
    const forwarded = http.request({ host: '127.0.0.1', port, method: request.method, path: request.url, headers, agent: false });
    forwarded.once('response', resolve);
    forwarded.once('error', reject);
    forwarded.end(body);
  });
}

/** Header lines as they came, repeated ones (Set-Cookie) included. */
function endToEnd(message: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = message.rawHeaders.slice(index, index + 2);
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

async function readBody(message: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw new Error(`a body of more than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reset(socket: Socket): void {
  if (!socket.destroyed) socket.resetAndDestroy();
}
