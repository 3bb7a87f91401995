import { z } from 'zod';
import { MAIL } from '@stopgap/jmap';
import { digestOf } from '@stopgap/message';
import { openBlob, type OpenBlob } from '../blobs/open-blob.ts';
import { LIMITS } from '../limits.ts';
import { MethodError } from '../method-error.ts';
import { method, type Json } from '../method.ts';
import { emailObject, emailProperties, type EmailProperties } from './email-object.ts';
import { bodyArguments } from './get.ts';
import { partProperties } from './part-object.ts';
import type { EmailSource } from './source.ts';

const schema = z.strictObject({
  accountId: z.string(),
  blobIds: z.array(z.string()),
  properties: z.array(z.string()).nullish(),
  ...bodyArguments,
});

/** RFC 8621 4.9: of what is no message here there is no id, place or keyword. */
const DEFAULT = [
  'messageId inReplyTo references sender from to cc bcc replyTo subject sentAt',
  'hasAttachment preview bodyValues textBody htmlBody attachments',
].flatMap((line) => line.split(' '));

export const emailParse = method(MAIL, schema, async (args, context) => {
  if (args.blobIds.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge');
  const wanted: EmailProperties = { ...emailProperties(args.properties ?? DEFAULT), ...args, parts: partProperties(args.bodyProperties) };
  const parsed: [string, Json][] = [];
  const notParsable: string[] = [];
  const notFound: string[] = [];
  for (const blobId of new Set(args.blobIds)) {
    const blob = await openBlob(context.deps.store, context.account, blobId);
    if (blob === undefined) notFound.push(blobId);
    else if (blob.sizeBytes === 0 || blob.sizeBytes > context.deps.limits.messageBytes) notParsable.push(blobId);
    else parsed.push([blobId, await emailObject(await sourceOf(blobId, blob), wanted)]);
  }
  return {
    parsed: parsed.length === 0 ? null : Object.fromEntries(parsed),
    notParsable: notParsable.length === 0 ? null : notParsable,
    notFound: notFound.length === 0 ? null : notFound,
  };
});

async function sourceOf(blobId: string, blob: OpenBlob): Promise<EmailSource> {
  const chunks: Buffer[] = [];
  for await (const chunk of blob.bytes()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const { envelope, structure, preview, attachments, sizeBytes } = digestOf(bytes);
  const idOf = (section?: string): string => (section === undefined ? blobId : innerBlobId(blobId, section));
  return { envelope, structure, preview, attachments, sizeBytes, blobId: idOf, bytes: () => Promise.resolve(bytes) };
}

/** A part of a message that itself is a blob (`openBlob` reads it). */
function innerBlobId(blobId: string, section: string): string {
  return `${blobId}__${section.replaceAll('.', '-')}`;
}
