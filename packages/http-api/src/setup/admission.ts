import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '@stopgap/config';
import { hostNameOf, isLoopbackHost, remoteAddressOf, type AppContext } from '../app-env.ts';
import { HttpProblem } from '../problem.ts';
import { refuseCrossSite } from '../sessions/cross-site.ts';

export const CODE_HEADER = 'x-stopgap-setup';
/** The page knows by it that a code is wanted. */
export const CODE_WANTED = 'urn:stopgap:setup-code';

/** 100 bits in 20 letters and digits that can be read aloud: nobody guesses it while the page is there. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz023456789';
const CODE_LENGTH = 20;
const GROUP = 5;
/** What proxies add. One on this machine makes everybody look as if they sat at it. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

export function newSetupCode(): string {
  const letters = Array.from(randomBytes(CODE_LENGTH), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
  return letters.replaceAll(new RegExp(`.{${GROUP}}(?=.)`, 'g'), '$&-');
}

/**
 * Who may set the relay up: a browser on this machine, or who knows the code; and no page of another site. A name that is not of this machine, and leads here
 * (DNS rebinding), is another machine's.
 * @throws HttpProblem 403
 */
export function admit(c: AppContext, code: string): void {
  refuseCrossSite(c);
  if (isFromHere(c)) return;
  if (isSame(c.req.header(CODE_HEADER) ?? '', code)) return;
  throw new HttpProblem(403, 'The set-up code is needed', {
    type: CODE_WANTED,
    more: { detail: 'It stands in the terminal or log of the relay.' },
  });
}

function isFromHere(c: AppContext): boolean {
  if (!isLoopback(remoteAddressOf(c)) || !isLoopbackHost(hostNameOf(c))) return false;
  // No browser speaks it, and nginx does to whom it hands on, with a Host that is ours.
  if (c.env?.incoming?.httpVersion === '1.0') return false;
  return PROXY_HEADERS.every((name) => c.req.header(name) === undefined);
}

function isSame(given: string, code: string): boolean {
  const digestOf = (text: string): Buffer => createHash('sha256').update(text.toLowerCase().replaceAll(/[\s-]/g, '')).digest();
  return timingSafeEqual(digestOf(given), digestOf(code));
}
