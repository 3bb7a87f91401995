import { createHash } from 'node:crypto';
import { asId, type AccountId, type MailboxId, type StagedBlob } from '@stopgap/core';
import type { DigestMailbox, MessageDigest } from '@stopgap/message';
import { putAccount, type Store } from '@stopgap/store';
import type { NewMessage } from './add-message.ts';

export const ALICE = asId.account('alice@provider.test');

export async function addAccount(store: Store, account: AccountId = ALICE): Promise<void> {
  await store.write((tx) =>
    putAccount(tx, {
      id: account,
      address: account,
      provider: asId.provider('test'),
      name: '',
      state: 'active',
      createdAtMs: 0,
    }),
  );
}

export interface LetterOptions {
  readonly mailbox: MailboxId;
  readonly subject?: string;
  readonly from?: string | DigestMailbox;
  readonly to?: readonly (string | DigestMailbox)[];
  readonly messageId?: string;
  readonly inReplyTo?: readonly string[];
  readonly references?: readonly string[];
  readonly text?: string;
  readonly names?: readonly string[];
  readonly atMs?: number;
  readonly flags?: readonly string[];
  readonly by?: 'here' | 'upstream';
  readonly sizeBytes?: number;
}

/** A message as the mirror would hand it over, its digest made by hand. */
export function letter(options: LetterOptions): NewMessage {
  const text = options.text ?? 'Hello';
  const bytes = Buffer.from(`Subject: ${options.subject ?? ''}\r\nMessage-ID: ${options.messageId ?? ''}\r\n\r\n${text}\r\n`);
  return {
    mailbox: options.mailbox,
    blob: staged(bytes),
    digest: digest(options, bytes.length),
    completeness: 'raw',
    receivedAtMs: options.atMs ?? 1_767_000_000_000,
    flags: options.flags ?? [],
    by: options.by ?? 'upstream',
    ...(options.sizeBytes === undefined ? {} : { sizeBytes: options.sizeBytes }),
  };
}

export function staged(bytes: Buffer): StagedBlob {
  return { hash: asId.blobHash(createHash('sha256').update(bytes).digest('hex')), sizeBytes: bytes.length, inline: bytes };
}

function digest(options: LetterOptions, sizeBytes: number): MessageDigest {
  const text = options.text ?? 'Hello';
  const from = [mailboxOf(options.from ?? 'bob@elsewhere.test')];
  return {
    sizeBytes,
    missingLineEndBytes: 0,
    envelope: {
      ...(options.atMs === undefined ? {} : { sentAtMs: options.atMs }),
      subject: options.subject ?? '',
      from,
      sender: from,
      replyTo: from,
      to: (options.to ?? [ALICE]).map(mailboxOf),
      cc: [],
      bcc: [],
      ...(options.messageId === undefined ? {} : { messageId: options.messageId }),
      inReplyTo: options.inReplyTo ?? [],
      references: options.references ?? [],
    },
    structure: {
      type: 'text',
      subtype: 'plain',
      parameters: { charset: 'utf-8' },
      encoding: '8bit',
      headerStart: 0,
      bodyStart: sizeBytes - text.length,
      sizeBytes: text.length,
      lines: 1,
    },
    preview: text.slice(0, 256),
    attachments: (options.names ?? []).map((name, index) => ({
      name,
      type: 'application/pdf',
      sizeBytes: 10,
      isInline: false,
      section: `${index + 2}`,
    })),
    text: Buffer.from(text),
    isPartial: false,
  };
}

function mailboxOf(one: string | DigestMailbox): DigestMailbox {
  return typeof one === 'string' ? { name: '', address: one } : one;
}
