import type { Dispatcher } from 'undici';

/** Sessions of servers with hundreds of shared accounts reach 100 KB. */
const LARGEST_SESSION = 1024 * 1024;

const CORE = 'urn:ietf:params:jmap:core';

/**
 * Is this a JMAP session that belongs to somebody (RFC 8620 2)? A portal or a maintenance page answers 200 to every password; taken for a yes it would
 * let everybody in.
 */
export async function isOwnedSession(body: Dispatcher.ResponseData['body']): Promise<boolean> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > LARGEST_SESSION) {
      body.destroy();
      return false;
    }
    chunks.push(bytes);
  }
  return isSession(parsed(Buffer.concat(chunks).toString()));
}

function isSession(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { capabilities, username } = value as { readonly capabilities?: unknown; readonly username?: unknown };
  const isJmap = typeof capabilities === 'object' && capabilities !== null && CORE in capabilities;
  return isJmap && typeof username === 'string' && username !== '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
