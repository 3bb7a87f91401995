/** What Roundcube 1.6 makes of an upload (import.php): it reads every file as an mbox. */
export function readImport(file: Buffer): Buffer[] {
  const text = file.toString('latin1');
  const first = text.split('\n').find((line) => line.trim() !== '') ?? '';
  if (!/^From .+/.test(first) && !/^[a-z\-_]+:\s+.+/i.test(first)) return [];
  return splitMbox(text).map((message) => Buffer.from(unquoted(message), 'latin1'));
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
