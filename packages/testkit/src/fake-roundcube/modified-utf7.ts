/** RFC 3501 5.1.3, as PHP's converter has it: names of mailboxes on the wire. */
export function toModifiedUtf7(text: string): string {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) =>
    run === '&' ? '&-' : `&${Buffer.from(run, 'utf16le').swap16().toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`,
  );
}

export function fromModifiedUtf7(name: string): string {
  return name.replace(/&([^-]*)-/g, (_, run: string) =>
    run === '' ? '&' : Buffer.from(run.replaceAll(',', '/'), 'base64').swap16().toString('utf16le'),
  );
}
