/** Said before the subject of a reply, in the languages of common mail programs; `Re[2]:` and `Re^2:` too. */
const REPLY = /^(?:re|aw|antw|sv|vs|odp|ref|r|rif|res|ynt|atb|bls|vá|回复|答复|回覆|答覆|返信)\s*(?:\[\d+\]|\^\d+)?\s*[:：]\s*/iu;
/** What a mailing list puts in front. */
const LIST_TAG = /^\[[^\]]{1,50}\]\s*/u;
/** More of them are nobody's. */
const MOST_PREFIXES = 20;

export interface ThreadSubject {
  /** Without what replies and lists put in front, folded, lower case; '' where nothing is left. */
  readonly text: string;
  readonly isReply: boolean;
}

/** By what replies are threaded here, whatever language they are in. Clients count on another one: `baseSubject` of `@stopgap/message`. */
export function threadSubject(subject: string): ThreadSubject {
  let text = subject.replaceAll(/\s+/gu, ' ').trim();
  let isReply = false;
  for (let count = 0; count < MOST_PREFIXES; count += 1) {
    const reply = REPLY.exec(text);
    isReply ||= reply !== null;
    const prefix = reply ?? LIST_TAG.exec(text);
    // A subject that is nothing but a tag keeps it.
    if (!prefix || prefix[0].length === text.length) break;
    text = text.slice(prefix[0].length);
  }
  return { text: text.toLowerCase().normalize('NFC'), isReply };
}
