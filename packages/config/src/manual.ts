import { stringify } from 'yaml';
import { ENVIRONMENT } from './environment.ts';
import { fileSchema } from './schema.ts';
import { keysOf, type SchemaKey } from './schema-walk.ts';

const WIDTH = 100;

/** Every key of stopgap.yaml with its meaning, form, default and example, from the schema that checks it. */
export function configManual(): string {
  const keys = keysOf(fileSchema).map(entry);
  return [INTRODUCTION, ...keys, ENVIRONMENT_HEAD, ...ENVIRONMENT.map(variable)].join('\n\n');
}

/** The smallest file that makes a relay for one provider. */
export function exampleConfig(): string {
  return EXAMPLE;
}

const INTRODUCTION = `stopgap.yaml: every key has a default unless it says (required); an unknown key stops the start.
Durations: 30s 5m 2h 5d. Sizes: bytes, or 50MB.`;

const ENVIRONMENT_HEAD = 'Environment: wins over the file; a variable that is set to nothing counts as not set.';

const EXAMPLE = `hostname: relay.example.org
providers:
  - name: example
    domains: [example.org]
    incoming:
      - { kind: imap, host: imap.example.org }
      - { kind: roundcube, url: "https://webmail.example.org/" }
    outgoing:
      - { kind: smtp, host: smtp.example.org }
      - { kind: roundcube, url: "https://webmail.example.org/" }
`;

function entry(key: SchemaKey): string {
  const { doc } = key;
  const head = `${key.name}${key.kind === undefined ? '' : ` (${key.kind})`}${key.isRequired ? ' (required)' : ''}`;
  if (!doc) return head;
  const lines = [head, ...wrapped(doc.doc)];
  if (doc.unit !== 'section') lines.push(`    form: ${doc.unit}`);
  if (doc.default !== undefined) lines.push(`    default: ${inYaml(doc.default)}`);
  if (doc.example !== undefined) lines.push(`    example: ${inYaml(doc.example)}`);
  return lines.join('\n');
}

function variable({ name, doc, example }: (typeof ENVIRONMENT)[number]): string {
  return [name, ...wrapped(doc), `    example: ${example}`].join('\n');
}

function inYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '   ';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
