import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A program that puts what it gets on its standard input into a file of its own in `mail`. As root, getmail takes no other destination. */
export async function makeDeliveryProgram(home: string): Promise<{ readonly mail: string; readonly deliver: string }> {
  const mail = join(home, 'mail');
  await mkdir(mail);
  const deliver = join(home, 'deliver.sh');
  await writeFile(deliver, `#!/bin/sh\ncat > "$(mktemp ${mail}/XXXXXXXX)"\n`, { mode: 0o700 });
  return { mail, deliver };
}
