import { isUtf8 } from 'node:buffer';
import { replies, type Answer } from './replies.ts';

/** What is wrong with a line whatever it means. A tab between words is harmless. */
export function faultOfLine(line: Buffer): Answer | undefined {
  for (const byte of line) if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return replies.controlCharacter;
  return isUtf8(line) ? undefined : replies.notUtf8;
}

/** The verb in capitals and what follows its first space, which is empty when there is nothing. */
export function splitLine(line: string): { readonly verb: string; readonly argument: string } {
  const space = line.indexOf(' ');
  return space < 0
    ? { verb: line.toUpperCase(), argument: '' }
    : { verb: line.slice(0, space).toUpperCase(), argument: line.slice(space + 1) };
}
