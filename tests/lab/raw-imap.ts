import net from 'node:net';

/** As much of an IMAP client as is needed to see the server's own words. One command at a time. */
export class RawImap implements AsyncDisposable {
  readonly #socket: net.Socket;
  #text = '';
  #wake = () => {};
  #tags = 0;

  constructor(port: number) {
    this.#socket = net.connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#wake();
    });
    this.#socket.on('close', () => this.#wake());
  }

  /** Resolves with everything before the tagged line; rejects when that is not OK. */
  async command(line: string, literal?: Buffer): Promise<string> {
    const tag = `t${++this.#tags}`;
    this.#text = '';
    this.#socket.write(`${tag} ${line}${literal === undefined ? '' : ` {${literal.length}}`}\r\n`);
    const end = new RegExp(`^${tag} (OK|NO|BAD) .*\\r\\n$`, 'm');
    if (literal !== undefined && (await this.#until(new RegExp(`^\\+ .*\\r\\n|${end.source}`, 'm')))[1] === undefined) {
      this.#socket.write(literal);
      this.#socket.write('\r\n');
    }
    const found = await this.#until(end);
    if (found[1] !== 'OK') throw new Error(`${line}: ${found[0].trim()}`);
    return this.#text.slice(0, found.index);
  }

  async #until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) return found;
      if (this.#socket.closed) throw new Error(`the server has hung up: ${this.#text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command('LOGOUT');
    this.#socket.destroy();
  }
}
