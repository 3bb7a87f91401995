import { bad, no } from '../replies.ts';
import { utf8Of } from '../wire/scanner.ts';

/** What a string of a search is in that charset. Undefined: it is no text in it. */
export type TextReader = (octets: string) => string | undefined;

/** RFC 9051 6.4.4: UTF-8 and US-ASCII must be there; the others are those of WHATWG. Undefined: nobody knows it. */
export function readerOf(charset: string): TextReader | undefined {
  // It would say windows-1252 to ASCII.
  if (['US-ASCII', 'ASCII'].includes(charset.toUpperCase())) return utf8Of;
  try {
    const decoder = new TextDecoder(charset, { fatal: true });
    return (octets) => {
      try {
        return decoder.decode(Buffer.from(octets, 'latin1'));
      } catch {
        return undefined;
      }
    };
  } catch {
    return undefined;
  }
}

export const badCharset = no('This charset is not known here', 'BADCHARSET (US-ASCII UTF-8)');
/** RFC 6855 3. */
export const noCharset = bad('Since UTF8=ACCEPT every text is UTF-8');
