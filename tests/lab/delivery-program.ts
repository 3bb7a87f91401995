import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * getmail 6.18 begins to listen for the end of the program that it started when that runs already, and waits in vain, for minutes, for one that has ended by
 * then. It listens when it catches SIGCHLD (17) and sleeps.
 */
const UNTIL_GETMAIL_LISTENS = `listens() {
  awk '/^State:/ { state = $2 } /^SigCgt:/ { caught = substr($2, length($2) - 4, 1) } END { exit !(state == "S" && caught ~ /[13579bdf]/) }' "$1"
}
while [ -e /proc/$PPID ] && ! listens /proc/$PPID/status; do :; done
`;

/**
 * A program that puts what it gets on its standard input into a file of its own in `mail`. As root, getmail takes no other destination.
 * @param options `forGetmail`: it is getmail itself that starts it
 */
export async function makeDeliveryProgram(
  home: string,
  { forGetmail }: { readonly forGetmail: boolean },
): Promise<{ readonly mail: string; readonly deliver: string }> {
  const mail = join(home, 'mail');
  await mkdir(mail);
  const deliver = join(home, 'deliver.sh');
  const wait = forGetmail ? UNTIL_GETMAIL_LISTENS : '';
  await writeFile(deliver, `#!/bin/sh\ncat > "$(mktemp ${mail}/XXXXXXXX)"\n${wait}`, { mode: 0o700 });
  return { mail, deliver };
}
