/*
 * Roundcube's import reads every upload as an mbox: a line that begins with `From ` after a blank line starts another message, and
 * one `>` is taken from every line of `>From `. So each line that matches `^>*From ` gets one `>` more (mboxrd) before it goes up.
 */

const FROM = Buffer.from('From ');
const GREATER = 0x3e;
const LF = 0x0a;

/** Quotes bytes as they pass. All `>` of a run are alike, so the new one goes right before `From `, and no run is ever held back. */
export async function* quoteMboxrd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isLineStart = true;
  let matched = 0;
  for await (const chunk of chunks) {
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (!isLineStart) {
        const end = chunk.indexOf(LF, at);
        if (end === -1) break;
        at = end + 1;
        isLineStart = true;
        continue;
      }
      const byte = chunk[at];
      if (byte === FROM[matched]) {
        // What of `From ` was matched waits until it is known whether a `>` goes before it.
        if (matched === 0) {
          if (at > from) yield chunk.subarray(from, at);
        }
        matched++;
        at++;
        from = at;
        if (matched < FROM.length) continue;
        yield QUOTED_FROM;
        matched = 0;
        isLineStart = false;
      } else if (byte === GREATER && matched === 0) {
        at++;
      } else {
        if (matched > 0) yield FROM.subarray(0, matched);
        matched = 0;
        isLineStart = false;
      }
    }
    if (from < chunk.length) yield chunk.subarray(from);
  }
  if (matched > 0) yield FROM.subarray(0, matched);
}

const QUOTED_FROM = Buffer.from('>From ');
