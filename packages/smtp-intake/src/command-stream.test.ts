import { describe, expect, test } from 'vitest';
import { CommandStream, type LineFault } from './command-stream.ts';

/** Notes what comes out; answers each command after a turn when `isSlow`. */
class Listener {
  readonly stream = new CommandStream();
  readonly seen: string[] = [];
  isSlow = false;

  constructor() {
    this.stream.onfault = (fault: LineFault) => this.seen.push(`fault ${fault}`);
    this.stream.oncommand = (line, done) => {
      this.seen.push(`command ${line.toString()}`);
      if (line.toString() === 'DATA') this.#receive();
      if (this.isSlow) setImmediate(() => done?.());
      else done?.();
    };
  }

  write(...chunks: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      for (const chunk of chunks.slice(0, -1)) this.stream.write(Buffer.from(chunk, 'latin1'));
      this.stream.write(Buffer.from(chunks.at(-1) ?? '', 'latin1'), () => resolve());
    });
  }

  #receive(): void {
    this.stream.receive({
      write: (content) => {
        const text = content.toString('latin1');
        if (this.seen.at(-1)?.startsWith('content ')) this.seen.push(this.seen.pop() + text);
        else this.seen.push(`content ${text}`);
        return this.isSlow ? new Promise((resolve) => setImmediate(resolve)) : undefined;
      },
      end: async () => void this.seen.push('end'),
    });
  }
}

describe.each([{ isSlow: false }, { isSlow: true }])('CommandStream, slow: $isSlow', ({ isSlow }) => {
  test('cuts commands and contents, wherever the packets end', async () => {
    const text = 'EHLO x\r\nDATA\r\nhello\r\n.\r\nNOOP\r\nDATA\r\n.\r\nQUIT\r\n';
    const wanted = ['command EHLO x', 'command DATA', 'content hello\r\n', 'end', 'command NOOP', 'command DATA', 'end', 'command QUIT'];
    for (const size of [1, 2, 3, 7, 1000]) {
      const listener = new Listener();
      listener.isSlow = isSlow;
      await listener.write(...(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []));
      expect(listener.seen).toEqual(wanted);
    }
  });

  test('ten thousand pipelined commands neither overflow the stack nor get out of order', async () => {
    const listener = new Listener();
    listener.isSlow = isSlow;
    await listener.write(Array.from({ length: 10_000 }, (_, n) => `NOOP ${n}\r\n`).join(''));
    expect(listener.seen).toHaveLength(10_000);
    expect(listener.seen.at(-1)).toBe('command NOOP 9999');
  });

  test('a bare line feed is a fault, and nothing after it is read', async () => {
    const listener = new Listener();
    listener.isSlow = isSlow;
    await listener.write('NOOP\r\nRSET\nNOOP\r\n', 'NOOP\r\n');
    expect(listener.seen).toEqual(['command NOOP', 'fault bare-line-end']);
  });

  test('a line that does not end is a fault before it fills the memory', async () => {
    const listener = new Listener();
    listener.isSlow = isSlow;
    await listener.write(...Array<string>(20).fill('x'.repeat(1000)));
    expect(listener.seen).toEqual(['fault too-long']);
  });

  test('a last line without its end is no command', async () => {
    const listener = new Listener();
    listener.isSlow = isSlow;
    await listener.write('NOOP\r\nQUIT');
    await new Promise<void>((resolve) => listener.stream.end(() => resolve()));
    expect(listener.seen).toEqual(['command NOOP']);
  });
});
