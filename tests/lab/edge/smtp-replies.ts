export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** Cuts a server's byte stream into whole, possibly multi-line replies (RFC 5321 4.2.1). */
export class ReplyReader {
  #unread = '';

  push(chunk: Buffer): Reply[] {
    this.#unread += chunk.toString('latin1');
    const replies: Reply[] = [];
    for (;;) {
      const text = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/.exec(this.#unread);
      if (!text) return replies;
      replies.push({ code: Number(text[1]), text: text[0] });
      this.#unread = this.#unread.slice(text[0].length);
    }
  }
}

/** Inside TLS the STARTTLS that the backend offers in clear is no longer on offer. */
export function withoutStartTls(reply: string): string {
  const lines = reply.split('\r\n').filter((line) => line !== '' && !/^250[- ]STARTTLS\b/i.test(line));
  const marked = lines.map((line, index) => `${line.slice(0, 3)}${index === lines.length - 1 ? ' ' : '-'}${line.slice(4)}`);
  return `${marked.join('\r\n')}\r\n`;
}
