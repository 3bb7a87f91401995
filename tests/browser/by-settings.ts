import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { checkServerIdentity, connect } from 'node:tls';

/** What a person copies into a mail program, by the words of the page in English. */
export type Settings = Readonly<Record<string, string>>;

/** Whether IMAP lets in who writes these settings into a program: the tagged answer's first word. */
export function logInByImap(settings: Settings, password: string): Promise<string | undefined> {
  return dialog(settings, [
    [/^\* OK /, `a LOGIN "${settings['User name']}" "${password}"`],
    [/^a (\w+)/, 'b LOGOUT'],
  ]);
}

/** The same by SMTP: the code that answers AUTH. */
export function logInBySmtp(settings: Settings, password: string): Promise<string | undefined> {
  const token = Buffer.from(`\0${settings['User name']}\0${password}`).toString('base64');
  return dialog(settings, [
    [/^220 /, 'EHLO client.test'],
    [/^250 /, `AUTH PLAIN ${token}`],
    [/^(\d{3}) /, 'QUIT'],
  ]);
}

type Step = readonly [awaited: RegExp, said: string];

/** By TLS from the first byte, on this machine, as the browser has it for this name. Resolves with what the last step caught. */
async function dialog({ Server: server = '', Port: port, Encryption: encryption }: Settings, steps: readonly Step[]) {
  if (encryption !== 'SSL/TLS') throw new Error(`${encryption} is not spoken here`);
  // Self-signed, as the page says; its name must be right all the same.
  const socket = connect({ host: '127.0.0.1', port: Number(port), servername: server, rejectUnauthorized: false });
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  try {
    await once(socket, 'secureConnect');
    const stranger = checkServerIdentity(server, socket.getPeerCertificate());
    if (stranger !== undefined) throw stranger;
    let caught: string | undefined;
    for (const [awaited, said] of steps) {
      let found: RegExpExecArray | null = null;
      while (found === null) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`the server has hung up before ${awaited}`);
        found = awaited.exec(value);
      }
      caught = found[1];
      socket.write(`${said}\r\n`);
    }
    return caught;
  } finally {
    socket.destroy();
  }
}
