/*
 * Names and subjects come from strangers: what turns the direction of text, is invisible, or controls something is taken out before it is shown.
 */
import type { EmailAddress } from '../api/methods.ts';

/** Controls, direction overrides and isolates, zero-width characters, the byte order mark; tags (E0000-E007F). */
const TRICKS = /[\u0000-\u001F\u007F-\u009F\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu;

export function plainText(text: string): string {
  return withoutTricks(text).trim();
}

/** A piece of a line: blanks at its ends stay. */
export function withoutTricks(text: string): string {
  return text.replaceAll(TRICKS, ' ').replaceAll(/\s+/g, ' ');
}

/** For a line of a list. */
export function shortName({ name, email }: EmailAddress): string {
  const shown = plainText(name ?? '');
  return shown === '' ? plainText(email) : shown;
}

/** `Name <address>`, for people. */
export function fullName({ name, email }: EmailAddress): string {
  const shown = plainText(name ?? '');
  const address = plainText(email);
  return shown === '' || shown === address ? address : `${shown} <${address}>`;
}

/** Does the name pretend to be another address than the one it stands before? */
export function pretendedAddress({ name, email }: EmailAddress): string | undefined {
  const found = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+\.[^\s<>"'(),;:]+/.exec(plainText(name ?? '').normalize('NFKC'))?.[0];
  return found === undefined || found.toLowerCase() === email.toLowerCase() ? undefined : found;
}
