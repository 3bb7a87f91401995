import type { LoginCredential } from '@stopgap/core';

/** A shorter one would blot out half of what the server says; who has it has lost more than its echo. */
const SHORTEST_HIDDEN = 4;

/** What a server said to a log-in, without the password: some repeat the command they refuse, and their words end up in logs and on pages. */
export function unechoed(text: string, { username, password }: LoginCredential): string {
  const plain = password.open();
  const forms = [plain, base64(`\0${username}\0${plain}`), base64(plain)];
  return forms.filter((form) => form.length >= SHORTEST_HIDDEN).reduce((rest, form) => rest.replaceAll(form, '[secret]'), text);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
