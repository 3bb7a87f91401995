import { SyntaxFault } from './wire/faults.ts';

const LONGEST_PATTERN = 1000;

/**
 * RFC 9051 6.3.9: `*` stands for anything, `%` for anything without a separator. By a table instead of a regular expression or by trying: the time is the
 * product of the two lengths, whatever the pattern is.
 * @throws SyntaxFault
 */
export function listMatcher(pattern: string): (name: string) => boolean {
  if (pattern.length > LONGEST_PATTERN) throw new SyntaxFault('The pattern is too long');
  const exact = simplified(pattern);
  // RFC 9051 5.1: INBOX in any case.
  const upper = exact.toUpperCase();
  return (name) => matches(exact, name) || (name === 'INBOX' && matches(upper, name));
}

function simplified(pattern: string): string {
  return pattern.replaceAll(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%'));
}

function matches(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  // reached[i]: the name so far is matched by the first i characters of the pattern.
  let reached = new Uint8Array(pattern.length + 1);
  reached[0] = 1;
  spread(reached, pattern);
  for (const character of name.split('')) {
    const next = new Uint8Array(pattern.length + 1);
    let isAny = false;
    for (let at = 0; at < pattern.length; at += 1) {
      if (reached[at] === 0) continue;
      const wanted = pattern.charAt(at);
      if (wanted === '*' || (wanted === '%' && character !== '/')) next[at] = 1;
      else if (wanted === character) next[at + 1] = 1;
      else continue;
      isAny = true;
    }
    if (!isAny) return false;
    spread(next, pattern);
    reached = next;
  }
  return reached[pattern.length] === 1;
}

/** A wildcard may stand for nothing. */
function spread(reached: Uint8Array, pattern: string): void {
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (reached[at] === 1 && (character === '*' || character === '%')) reached[at + 1] = 1;
  }
}
