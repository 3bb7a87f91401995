import { randomUUID } from 'node:crypto';
import { answer, message, type Action, type Context } from './context.ts';
import { append, freshMailbox, headOf } from './mailboxes.ts';
import { throughNetSmtp } from './net-smtp.ts';
import { escapeHtml, html, page, redirect } from './replies.ts';
import { addressList, sendBySmtp } from './sending.ts';

export const sendingActions: Readonly<Record<string, Action>> = {
  'mail.bounce': bounce,
  'mail.compose': compose,
  'mail.upload': upload,
  'mail.send': send,
};

async function bounce(context: Context): Promise<Awaited<ReturnType<Action>>> {
  const { request, switches, account } = context;
  const mailbox = account.storage.get(request.value('_mbox'));
  const source = switches.imapDown ? undefined : mailbox?.messages.find((one) => one.uid === Number(request.value('_uid')));
  if (source === undefined) return answer(context, [message('Could not load message from server.', 'error')]);
  if (request.method === 'GET') return page({ task: 'mail', action: 'bounce' }, senderForm(context));
  const bcc = addressList(request.value('_bcc'));
  const shown = [...addressList(request.value('_to')), ...addressList(request.value('_cc'))];
  const tooMany = tooManyRecipients(context, shown.length + bcc.length);
  if (tooMany !== undefined) return tooMany;
  const from = addressList(request.value('_from'))[0] ?? account.address;
  const to = shown.length === 0 ? 'undisclosed-recipients:;' : shown.join(', ');
  const above = [`Resent-From: ${from}`, `Resent-To: ${to}`, ...(bcc.length === 0 ? [] : [`Resent-Bcc: ${bcc.join(', ')}`])];
  const below = [`Resent-Date: ${new Date(context.nowMs()).toUTCString()}`, `Resent-Message-ID: <${randomUUID()}@fake>`];
  const head = headOf(source.raw);
  const body = source.raw.subarray(Buffer.byteLength(head, 'latin1') + 4);
  const join = (lines: readonly string[], bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${[...lines, head].join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
  const sentLines = [...above, ...below].filter((line) => !line.startsWith('Resent-Bcc:'));
  const result = await sendBySmtp({ from, to: [...shown, ...bcc], raw: join(sentLines, throughNetSmtp(body)) }, switches, context.onSend);
  if (result.kind === 'error') return answer(context, [message(escapeHtml(result.text), 'error')]);
  const success = message('Message sent successfully.', 'confirmation');
  const isSaved = saveSent(context, join([...above, ...below], body));
  return answer(context, isSaved ? [success] : [message('An error occurred while saving.', 'error'), success]);
}

function compose(context: Context): ReturnType<Action> {
  const { request, session, basePath } = context;
  const id = request.value('_id');
  const editor = session.editors.get(id);
  // Who only asks for an editor and never looks at it loses the threading.
  if (editor !== undefined) editor.isThreaded = true;
  if (editor !== undefined) return page({ task: 'mail', action: 'compose', compose_id: id }, senderForm(context));
  const fresh = randomUUID().replaceAll('-', '').slice(0, 22);
  const optional = (name: string) => request.query.get(name) ?? undefined;
  session.editors.set(fresh, {
    messageId: optional('_message-id'),
    inReplyTo: optional('_in-reply-to'),
    references: optional('_references'),
    files: new Map(),
    isThreaded: false,
  });
  return redirect(`${basePath}?_task=mail&_action=compose&_id=${fresh}`);
}

function upload(context: Context): ReturnType<Action> {
  const editor = context.session.editors.get(context.request.value('_id'));
  if (editor === undefined) return html('Invalid session var!');
  const calls = context.request.files.map((file) => {
    const id = String(editor.files.size + 1);
    editor.files.set(id, file);
    return [
      'add2attachment_list',
      `rcmfile${id}`,
      { name: file.name, mimetype: file.type, complete: true },
      context.request.value('_uploadid'),
    ] as const;
  });
  return answer(context, calls);
}

async function send(context: Context): Promise<Awaited<ReturnType<Action>>> {
  const { request, session, switches } = context;
  const editor = session.editors.get(request.value('_id'));
  if (editor === undefined) return answer(context, [message('An internal error occurred. Please try again.', 'error')]);
  const [to, cc, bcc] = [addressList(request.value('_to')), addressList(request.value('_cc')), addressList(request.value('_bcc'))];
  const tooMany = tooManyRecipients(context, to.length + cc.length + bcc.length);
  if (tooMany !== undefined) return tooMany;
  const from = addressList(request.value('_from'))[0] ?? '';
  const fields: [string, string | undefined][] = [
    ['MIME-Version', '1.0'],
    ['Date', new Date(context.nowMs()).toUTCString()],
    ['From', request.value('_from')],
    ['To', request.value('_to') || 'undisclosed-recipients:;'],
    ['Cc', request.value('_cc') || undefined],
    ['Subject', request.value('_subject')],
    ['In-Reply-To', editor.isThreaded ? editor.inReplyTo : undefined],
    ['References', editor.isThreaded ? editor.references : undefined],
    ['Message-ID', editor.messageId ?? `<${randomUUID()}@fake>`],
    ['X-Sender', from],
  ];
  const compile = (all: typeof fields) =>
    Buffer.from(
      `${all.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`])).join('')}${bodyOf(context, editor)}`,
    );
  const result = await sendBySmtp({ from, to: [...to, ...cc, ...bcc], raw: compile(fields) }, switches, context.onSend);
  if (result.kind === 'error') return answer(context, [message(escapeHtml(result.text), 'error')]);
  session.editors.delete(request.value('_id'));
  const isSaved = saveSent(context, compile([...fields, ['Bcc', request.value('_bcc') || undefined]]));
  return answer(context, [['sent_successfully', 'confirmation', 'Message sent successfully.', ['Sent'], !isSaved]]);
}

function bodyOf(
  context: Context,
  editor: { readonly files: ReadonlyMap<string, { name: string; type: string; content: Buffer }> },
): string {
  const type = context.request.value('_is_html') === '1' ? 'text/html' : 'text/plain';
  const text = `Content-Type: ${type}; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${context.request.value('_message').replaceAll(/\r?\n/g, '\r\n')}`;
  if (editor.files.size === 0) return text;
  const parts = [...editor.files.values()].map(
    (file) =>
      `Content-Type: ${file.type}; name="${file.name}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${file.name}"\r\n\r\n${file.content.toString('base64').replaceAll(/.{76}/g, '$&\r\n')}`,
  );
  return `Content-Type: multipart/mixed; boundary="=_fake"\r\n\r\n${[text, ...parts].map((part) => `--=_fake\r\n${part}\r\n`).join('')}--=_fake--\r\n`;
}

function tooManyRecipients(context: Context, count: number): ReturnType<Action> | undefined {
  const most = context.switches.maxRecipients;
  if (most === 0 || count <= most) return undefined;
  return answer(context, [message(`Too many recipients. Reduce the number of recipients to ${most}.`, 'error')]);
}

/** The mailbox that is named is made when it is not there. */
function saveSent(context: Context, raw: Buffer): boolean {
  const { switches, account, request } = context;
  const name = request.value('_store_target');
  if (switches.keepsNoSent || name === '') return true;
  if (switches.sentSaveFails) return false;
  const mailbox = account.storage.get(name) ?? freshMailbox(name);
  account.storage.set(name, mailbox);
  append(mailbox, raw, { flags: ['$seen'] });
  return true;
}

function senderForm(context: Context): string {
  const target = context.switches.keepsNoSent
    ? ''
    : '<select name="_store_target"><option value="">-</option><option value="Sent" selected>Sent</option></select>';
  return `<form name="form" action="${context.basePath}?_task=mail" method="post"><select name="_from"><option value="1" selected>${context.account.address}</option></select>${target}</form>`;
}
