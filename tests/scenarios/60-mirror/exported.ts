import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalFlags } from '@stopgap/core';
import { hashOf, type Copy } from '../../relay/index.ts';

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['D', '$draft'],
  ['F', '$flagged'],
  ['P', '$forwarded'],
  ['R', '$answered'],
  ['S', '$seen'],
  ['T', '$deleted'],
]);

/** What a Maildir++ tree holds, read with nothing of the product in it. @param nameOf folder of the tree -> mailbox */
export function exported(directory: string, nameOf: ReadonlyMap<string, string>): readonly Copy[] {
  return [...nameOf].flatMap(([folder, mailbox]) => {
    const root = join(directory, folder);
    const keywords = keywordsOf(join(root, 'dovecot-keywords'));
    return ['cur', 'new'].flatMap((part) =>
      readdirSync(join(root, part)).map((file) => ({
        mailbox,
        hash: hashOf(readFileSync(join(root, part, file))),
        flags: normalFlags(lettersOf(file).flatMap((letter) => LETTERS.get(letter) ?? keywords.get(letter) ?? [])).join(' '),
      })),
    );
  });
}

function lettersOf(file: string): readonly string[] {
  return (/:2,(.*)$/.exec(file)?.[1] ?? '').split('');
}

/** Lines of `number keyword`; letter `a` is number 0. */
function keywordsOf(file: string): ReadonlyMap<string, string> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return new Map(
    lines.map((line) => {
      const [number = '', keyword = ''] = line.split(' ');
      return [String.fromCharCode(0x61 + Number(number)), keyword] as const;
    }),
  );
}
