import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { HttpProblem } from './problem.ts';

export interface AppEnv {
  /** Absent where a test asks the app without a server. */
  readonly Bindings: Partial<HttpBindings>;
  readonly Variables: { remoteAddress: string };
}
export type App = Hono<AppEnv>;
export type AppContext = Context<AppEnv>;
type Handler = (c: AppContext) => Response | Promise<Response>;
type Method = 'GET' | 'POST' | 'DELETE';

/** The methods of one path; any other is answered with 405 and the ones that are allowed. GET stands for HEAD, too. */
export function route(app: App, path: string, handlers: Readonly<Partial<Record<Method, Handler>>>): void {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler);
  const allow = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  app.all(path, () => {
    throw new HttpProblem(405, `Only ${allow.join(' and ')}`, { headers: { allow: allow.join(', ') } });
  });
}

/** Who asks, as `rememberRemoteAddress` found out. */
export function remoteAddressOf(c: AppContext): string {
  return c.get('remoteAddress');
}

/**
 * Of the connection; where that is one of the operator's own proxies, what it says: the last one in X-Forwarded-For that is no such proxy. What stands
 * before it anybody can have written.
 */
export function rememberRemoteAddress(proxies: readonly string[]): MiddlewareHandler<AppEnv> {
  const isProxy = (address: string): boolean => proxies.includes(address);
  return async (c, next) => {
    const peer = plainAddress(c.env?.incoming?.socket.remoteAddress ?? '');
    const named = isProxy(peer) ? (c.req.header('x-forwarded-for') ?? '').split(',').map((one) => plainAddress(one.trim())) : [];
    const last = named.findLast((address) => !isProxy(address));
    c.set('remoteAddress', last !== undefined && isIP(last) !== 0 ? last : peer);
    await next();
  };
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** `Host` without its port. */
export function hostNameOf(c: AppContext): string {
  const host = c.req.header('host') ?? '';
  return (host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':', 1)[0] ?? '')).toLowerCase();
}

/** As browsers see it: such an address needs no TLS. */
export function isLoopbackHost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

/** As the client called us. What is not on this machine comes through a proxy that ends TLS, unless the operator allows it in clear. */
export function originOf(c: AppContext, { plaintextAuth }: { readonly plaintextAuth: 'never' | 'loopback' | 'always' }): string {
  const host = c.req.header('host') ?? 'localhost';
  const isClear = c.req.header('x-forwarded-proto') !== 'https' && (isLoopbackHost(hostNameOf(c)) || plaintextAuth === 'always');
  return `${isClear ? 'http' : 'https'}://${host}`;
}
