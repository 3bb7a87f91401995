/**
 * The text on one line: every run of white space and control characters is one blank, what takes no room is left out (newsletters fill the place after
 * their preview line with it). Stops when there are `mostChars`, or a little later.
 */
export function foldedText(text: string, mostChars: number): string {
  let out = '';
  let start = 0;
  let isGap = true;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = code > 0x20 && code < 0x7f ? 'visible' : kindOf(code);
    if (kind === 'visible' || (kind === 'joiner' && !isGap)) {
      isGap = false;
      continue;
    }
    // The common blank between two words is not worth a cut.
    if (code === 0x20 && !isGap) {
      isGap = true;
      continue;
    }
    if (at > start) out += text.slice(start, at);
    start = at + 1;
    if (kind === 'blank' && !isGap) {
      out += ' ';
      isGap = true;
    }
    if (out.length > mostChars) return out;
  }
  return (out + text.slice(start)).trimEnd();
}

/** `joiner`: belongs to Persian words and to emoji, and is nothing by itself. */
function kindOf(code: number): 'visible' | 'blank' | 'invisible' | 'joiner' {
  if (code <= 0xa0) return 'blank';
  if (code < 0x2000) return BELOW_0X2000.has(code) ? 'invisible' : 'visible';
  if (code > 0x206f) return code === 0x3000 ? 'blank' : code === 0x3164 || code === 0xfeff ? 'invisible' : 'visible';
  if (code === 0x200c || code === 0x200d) return 'joiner';
  if (code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f) return 'blank';
  return code <= 0x200f || (code >= 0x202a && code <= 0x202e) || code >= 0x2060 ? 'invisible' : 'visible';
}

const BELOW_0X2000: ReadonlySet<number> = new Set([0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180e]);
