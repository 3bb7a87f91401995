/** One HTTP request, as the client needs it made. Whoever makes it adds the log-in, and follows no redirect. */
export interface JmapRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | JmapUpload;
  readonly signal: AbortSignal;
}

export interface JmapUpload {
  readonly sizeBytes: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface JmapReply {
  readonly status: number;
  header(name: string): string | undefined;
  /** To be read to its end, or discarded. */
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/**
 * `fetch`, so to speak. Rejects with a JMAP error of code `unreachable` when nothing can have arrived, `lost` when it may have.
 */
export type JmapTransport = (request: JmapRequest) => Promise<JmapReply>;
