export interface FakeImport {
  readonly raw: Buffer;
  /** From the line that an mbox begins a message with. */
  readonly receivedAtMs: number | undefined;
}

/** What Roundcube 1.6 makes of an upload (import.php): it reads every file as an mbox. */
export function readImport(file: Buffer): FakeImport[] {
  const text = file.toString('latin1');
  const first = text.split('\n').find((line) => line.trim() !== '') ?? '';
  if (!/^From .+/.test(first) && !/^[a-z\-_]+:\s+.+/i.test(first)) return [];
  return splitMbox(text).map((message) => ({ raw: Buffer.from(unquoted(message), 'latin1'), receivedAtMs: dateOf(message) }));
}

function splitMbox(text: string): string[] {
  const messages: string[] = [];
  let message = '';
  let last = '';
  for (const line of text.split(/(?<=\n)/)) {
    if (last === '' && line.startsWith('From ') && line.length > 5) {
      if (message !== '') messages.push(message);
      message = line;
      last = '';
      continue;
    }
    message += line;
    last = rtrim(line);
  }
  if (message !== '') messages.push(message);
  return messages;
}

/** RFC 4155, UTC. */
function dateOf(message: string): number | undefined {
  const found = /^From \S+ \w{3} (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})/.exec(message);
  return found === null ? undefined : Date.parse(`${found[2]} ${found[1]} ${found[4]} ${found[3]} GMT`);
}

function unquoted(message: string): string {
  const body = message.startsWith('From ') ? message.slice(message.indexOf('\n') + 1) : message;
  return rtrim(body.replace(/\n>(>*)From /g, '\n$1From '));
}

/** PHP's: blank, tab, line ends, NUL and vertical tab. */
function rtrim(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\n\r\0\v'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
