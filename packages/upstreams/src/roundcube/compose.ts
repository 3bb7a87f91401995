/*
 * Writing a message anew in the webmail's own editor: for webmails that can not import or resend. Kept are the Message-ID, In-Reply-To,
 * References, addresses, subject, text and attachments; Date, MIME structure and all other fields become Roundcube's own.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { firstError } from './answer.ts';
import { roundcubeError } from './errors.ts';
import { refusedUpload } from './import.ts';
import { findSelect } from './page.ts';
import { readSendAnswer, type SendAnswer } from './resend.ts';
import type { RoundcubeSession } from './session.ts';

const SEND_DEADLINE_MS = 300_000;
const UPLOAD_DEADLINE_MS = 300_000;

export interface ComposedFile {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

export interface Composition {
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly from: string;
  /** Display name with the address where there is one. */
  readonly fromText: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo?: string;
  readonly subject: string;
  readonly body: string;
  readonly isHtml: boolean;
  readonly files: readonly ComposedFile[];
  readonly sent: string;
}

/** An editor with its attachments uploaded; nothing was sent. */
export interface Draft {
  readonly id: string;
  readonly fileIds: readonly string[];
}

/**
 * The mailbox that gets copies of what is sent, made by Roundcube when it is not there. Undefined: this webmail keeps none
 * (`no_save_sent_messages`).
 */
export async function findSentMailbox(session: RoundcubeSession, signal: AbortSignal): Promise<string | undefined> {
  const { page } = await session.page({ action: 'compose', signal });
  const select = findSelect(page, '_store_target');
  if (select === undefined) return undefined;
  const chosen = select.options.find((option) => option.selected && option.value !== '')?.value;
  return session.folders.find((folder) => folder.role === 'sent')?.id ?? chosen;
}

export async function prepareDraft(session: RoundcubeSession, composition: Composition, signal: AbortSignal): Promise<Draft> {
  const parameters = {
    '_message-id': composition.messageId,
    ...(composition.inReplyTo === undefined ? {} : { '_in-reply-to': composition.inReplyTo }),
    ...(composition.references === undefined ? {} : { _references: composition.references }),
  };
  // The page itself must be fetched: only then are In-Reply-To and References taken over (compose.php, Roundcube 1.6).
  const { page } = await session.page({ action: 'compose', parameters, signal });
  const id = page.env['compose_id'];
  if (typeof id !== 'string' || id === '') throw roundcubeError('unavailable', 'The webmail opened no editor.', { host: session.host });
  const fileIds: string[] = [];
  for (const file of composition.files) fileIds.push(await uploadFile(session, id, file, signal));
  return { id, fileIds };
}

/** Sends. A throw with `provesNothingDone` sent nothing; every other throw may have. */
export async function sendDraft(
  session: RoundcubeSession,
  draft: Draft,
  composition: Composition,
  signal: AbortSignal,
): Promise<SendAnswer> {
  const recipients = [...composition.to, ...composition.cc, ...composition.bcc];
  const parameters = {
    _task: 'mail',
    _action: 'send',
    _id: draft.id,
    _attachments: draft.fileIds.join(','),
    _from: composition.fromText,
    _to: composition.to.join(', '),
    _cc: composition.cc.join(', '),
    _bcc: composition.bcc.join(', '),
    _replyto: composition.replyTo ?? '',
    _followupto: '',
    _subject: composition.subject,
    _priority: '0',
    _store_target: composition.sent,
    _draft_saveid: '',
    _draft: '',
    _is_html: composition.isHtml ? '1' : '0',
    // Without it lines are wrapped, stuffed and cut.
    _keepformatting: '1',
    _message: composition.body,
  };
  const before = session.renewals;
  const answer = await session.submit({ action: 'send', parameters, signal, deadlineMs: SEND_DEADLINE_MS });
  const success = answer.calls.find((call) => call.name === 'sent_successfully');
  const result = readSendAnswer(session, answer, { from: composition.from, recipients });
  // The second request named an editor that the new session has not, so Roundcube could not send.
  if (result.kind === 'unclear' && session.renewals !== before) {
    const text = 'The webmail ended the session, and the editor with it.';
    return { kind: 'nothing-sent', reason: { class: 'protocol', text, host: session.host }, isFinal: false };
  }
  return result.kind === 'sent' ? { ...result, isSaved: result.isSaved && success?.args[3] !== true } : result;
}

async function uploadFile(session: RoundcubeSession, id: string, file: ComposedFile, signal: AbortSignal): Promise<string> {
  const boundary = `----stopgap${randomUUID()}`;
  const name = file.name.replace(/["\\\r\n]/g, '_');
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="_attachments[]"; filename="${name}"\r\nContent-Type: ${file.type}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const answer = await session.upload({
    action: 'upload',
    parameters: { _id: id, _uploadid: 'upload1' },
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + file.content.length + tail.length,
    open: () => Readable.from([head, file.content, tail], { objectMode: false }),
    signal,
    deadlineMs: UPLOAD_DEADLINE_MS,
  });
  const error = firstError(answer);
  if (error !== undefined) throw refusedUpload(error.text, session.host);
  const added = answer.calls.find((call) => call.name === 'add2attachment_list')?.args[0];
  if (typeof added !== 'string') throw roundcubeError('void', 'The webmail did not take an attachment.', { host: session.host });
  return added.replace(/^rcmfile/, '');
}
