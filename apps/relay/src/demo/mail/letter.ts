import { buffer } from 'node:stream/consumers';
import {
  addressField,
  composeMessage,
  messageIdField,
  parameterField,
  rfc5322Date,
  textField,
  type DigestMailbox,
  type PartPlan,
} from '@stopgap/message';
import type { Attachment } from './attachments.ts';

export interface Letter {
  readonly from: DigestMailbox;
  readonly to: readonly DigestMailbox[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  readonly atMs: number;
  /** Without the part after the `@`. */
  readonly id: string;
  /** What it answers, oldest first. */
  readonly references?: readonly string[];
  /** A circular, which can be left. */
  readonly isCircular?: boolean;
}

/** The message as its sender's program writes it; the same letter gives the same octets. */
export async function bytesOf(letter: Letter): Promise<Buffer> {
  const raw = await buffer(composeMessage(headOf(letter), planOf(letter)));
  let made = 0;
  const names = new Map<string, string>();
  return Buffer.from(
    raw.toString('latin1').replaceAll(/=_[0-9a-f-]{36}/g, (boundary) => {
      if (!names.has(boundary)) names.set(boundary, `=_${letter.id.replaceAll(/[^a-z0-9]/g, '')}-${made++}`);
      return names.get(boundary) ?? boundary;
    }),
    'latin1',
  );
}

function headOf({ from, to, subject, atMs, id, references = [], isCircular = false }: Letter): string {
  const domain = from.address.slice(from.address.indexOf('@') + 1);
  return [
    addressField('From', [{ name: null, addresses: [from] }]),
    addressField('To', [{ name: null, addresses: to }]),
    textField('Subject', subject),
    `Date: ${rfc5322Date(atMs)}\r\n`,
    messageIdField('Message-ID', [`${id}@${domain}`]),
    ...(references.length === 0 ? [] : [messageIdField('In-Reply-To', references.slice(-1)), messageIdField('References', references)]),
    ...(isCircular ? [`List-Unsubscribe: <mailto:leave@${domain}>\r\n`] : []),
  ].join('');
}

/** For `references` of answers. */
export function messageIdOf({ id, from }: Letter): string {
  return `${id}@${from.address.slice(from.address.indexOf('@') + 1)}`;
}

function planOf({ text, html, attachments = [] }: Letter): PartPlan {
  const plain: PartPlan = { kind: 'text', subtype: 'plain', text };
  const shown: PartPlan =
    html === undefined
      ? plain
      : { kind: 'multipart', subtype: 'alternative', parts: [plain, { kind: 'text', subtype: 'html', text: html }] };
  if (attachments.length === 0) return shown;
  return { kind: 'multipart', subtype: 'mixed', parts: [shown, ...attachments.map(partOf)] };
}

function partOf({ name, type, bytes }: Attachment): PartPlan {
  return {
    kind: 'bytes',
    type,
    parameters: type === 'text/calendar' ? { method: 'REQUEST', charset: 'utf-8', name } : { name },
    fields: parameterField('Content-Disposition', 'attachment', { filename: name }),
    open: async function* () {
      yield bytes;
    },
  };
}
