import { no } from '../replies.ts';

/** RFC 9051 6.4.4: everything is UTF-8. */
export function isKnownCharset(charset: string): boolean {
  return ['UTF-8', 'US-ASCII', 'ASCII'].includes(charset.toUpperCase());
}

export const badCharset = no('Only UTF-8 is spoken here', 'BADCHARSET (US-ASCII UTF-8)');
