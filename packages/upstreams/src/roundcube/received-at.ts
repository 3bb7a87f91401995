/** A header longer than this is not looked through. */
const LONGEST_HEAD = 64 * 1024;

/**
 * When a message came, as near as it tells itself: the date of its topmost Received field, which the provider's own server wrote when it delivered it,
 * else its Date. An estimate: Roundcube shows the date of arrival to the minute at best, and only to those who sort by it. Undefined: no date in it.
 */
export function estimateReceivedAt(begin: Buffer): number | undefined {
  const text = begin.subarray(0, LONGEST_HEAD).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const fields = text
    .slice(0, end)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  const received = fields.find((field) => /^received:/i.test(field));
  const date = fields.find((field) => /^date:/i.test(field));
  return dateIn(received?.slice(received.lastIndexOf(';') + 1)) ?? dateIn(date?.slice(date.indexOf(':') + 1));
}

function dateIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text.replace(/\([^()]*\)/g, ' ').trim());
  // Before there was mail, and after the 32 bits of an old IMAP server: nobody's date.
  return ms >= 0 && ms < 4_102_444_800_000 ? ms : undefined;
}
