/** What browsers may be told of bytes that anybody may have sent: nothing of it can run. SVG and HTML can, XML may become either. */
const SAFE_TYPES: ReadonlySet<string> = new Set([
  'application/gzip',
  'application/pdf',
  'application/zip',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'image/avif',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'message/rfc822',
  'text/calendar',
  'text/csv',
  'text/plain',
  'text/vcard',
  'video/mp4',
  'video/ogg',
  'video/webm',
]);
const OTHER = 'application/octet-stream';
const NAME_CHARACTERS = 200;

/** @param asked what the client wants it to be (RFC 8620 6.2) */
export function safeType(asked: string | undefined): string {
  const type = (asked ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!SAFE_TYPES.has(type)) return OTHER;
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

/**
 * RFC 6266 with RFC 8187: to be saved, under a name that is a name. Always as an attachment: no bytes of others are shown on our origin.
 */
export function safeDisposition(name: string): string {
  const clean = safeName(name);
  const ascii = clean.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(clean).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** No path, no control or direction characters, no leading dot; '' becomes a name. */
export function safeName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replaceAll(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff<>:"|?*]/g, '')
    .replaceAll(/^[.\s]+|[.\s]+$/g, '');
  const cut = clean.slice(0, NAME_CHARACTERS).toWellFormed();
  return cut === '' ? 'attachment' : cut;
}
