/** More prefixes are nobody's. */
const MOST_PREFIXES = 50;

const REPLY = /^(?:re|fwd?)\s*(?:\[[^[\]]*\]\s*)?:\s*/i;
const BLOB = /^\[[^[\]]*\]\s*/;
const FORWARD = /^\[fwd:(.*)\]$/is;

/** RFC 5256 2.1, in its steps, for what clients sort and thread by: they count on just this. Upper case, for it is compared in any case. */
export function baseSubject(subject: string): { readonly text: string; readonly isReply: boolean } {
  let text = subject.replaceAll(/\s+/g, ' ').slice(0, 2000);
  let isReply = false;
  for (let count = 0; count < MOST_PREFIXES; count += 1) {
    const before = text;
    const trimmed = text.trimEnd().replace(/\(fwd\)$/i, '');
    isReply ||= trimmed.length < text.trimEnd().length;
    text = trimmed.trimStart();
    const stripped = withoutBlobs(text).replace(REPLY, '');
    if (stripped.length < withoutBlobs(text).length) {
      isReply = true;
      text = stripped;
    } else {
      const blob = text.replace(BLOB, '');
      if (blob !== '') text = blob;
    }
    const forward = FORWARD.exec(text);
    if (forward?.[1] !== undefined) {
      isReply = true;
      text = forward[1];
    }
    if (text === before) break;
  }
  return { text: text.trim().toUpperCase().normalize('NFC'), isReply };
}

/** `[list] Re:`: a blob may stand before a reply's mark. */
function withoutBlobs(text: string): string {
  let left = text;
  for (let count = 0; count < MOST_PREFIXES && BLOB.test(left); count += 1) left = left.replace(BLOB, '');
  return left;
}
