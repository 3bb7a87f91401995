import type { JmapReply, JmapRequest, JmapTransport } from './transport.ts';

export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const HOST = 'https://jmap.provider.test';

export const SESSION = {
  capabilities: {
    'urn:ietf:params:jmap:core': { maxSizeUpload: 1000, maxCallsInRequest: 2, maxSizeRequest: 2000, maxConcurrentRequests: 2 },
  },
  accounts: {
    a1: { name: 'alice', isPersonal: true, accountCapabilities: { 'urn:ietf:params:jmap:mail': {}, unknown: { a: [1] } } },
    a2: { name: 'shared', isPersonal: false, accountCapabilities: null },
  },
  primaryAccounts: { 'urn:ietf:params:jmap:mail': 'a1' },
  username: 'alice',
  apiUrl: '/jmap/',
  downloadUrl: '/jmap/download/{accountId}/{blobId}/{name}?accept={type}',
  uploadUrl: '/jmap/upload/{accountId}/',
  eventSourceUrl: '/jmap/events?types={types}',
  state: '0',
  somethingNew: true,
};

/** Answers by what a function says; keeps what was asked. */
export function scripted(answer: (request: JmapRequest) => Scripted): { transport: JmapTransport; asked: JmapRequest[] } {
  const asked: JmapRequest[] = [];
  return {
    asked,
    transport: async (request) => {
      asked.push(request);
      return replyOf(answer(request));
    },
  };
}

export function replyOf({ status = 200, headers = {}, body = '' }: Scripted): JmapReply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    header: (name) => headers[name.toLowerCase()],
    body: pieces(text),
    discard() {},
  };
}

/** Cut in the middle of characters. */
export async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
