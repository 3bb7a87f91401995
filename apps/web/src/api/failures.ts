/** The relay answered, and not with what was asked. `detail` is for people, as the relay said it. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly detail: string;
  /** When to come back; undefined: it did not say. */
  readonly retryAfterS: number | undefined;

  constructor(status: number, detail: string, retryAfterS?: number) {
    super(`HTTP ${status}: ${detail}`);
    this.status = status;
    this.detail = detail;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer came: whether the request was heard is not known. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause });
  }
}

/** RFC 8620 3.6.2, and 5.3 for a single object: `type` is the standard's own word. */
export class MethodFailure extends Error {
  readonly type: string;
  readonly detail: string;

  constructor(type: string, detail: string) {
    super(detail === '' ? type : `${type}: ${detail}`);
    this.type = type;
    this.detail = detail;
  }
}

/** A newer build, open in another window, has changed what is kept in this browser; this one has no part in it any more, and has to be loaded anew. */
export function isOutdated(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'InvalidStateError' || error.name === 'VersionError');
}

/** Is there hope that the same request works a moment later? */
export function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  return error instanceof HttpFailure && (error.status >= 500 || error.status === 429);
}

/** A problem document (RFC 9457), or whatever stands there instead. */
export async function httpFailureOf(response: Response): Promise<HttpFailure> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const document: unknown = await response.json().catch(() => undefined);
  const words = document !== null && typeof document === 'object' ? (document as { title?: unknown; detail?: unknown }) : {};
  const detail = [words.detail, words.title].find((one): one is string => typeof one === 'string');
  return new HttpFailure(response.status, detail ?? response.statusText, Number.isFinite(retryAfter) ? retryAfter : undefined);
}
