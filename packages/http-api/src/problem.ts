/** An HTTP answer that says what went wrong (RFC 9457). Thrown anywhere in a handler, shaped in one place. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly type: string | undefined;
  readonly more: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  /** @param title for people, and safe to be seen by anybody */
  constructor(
    status: number,
    title: string,
    options: {
      readonly type?: string;
      /** Further members of the document. */
      readonly more?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(title);
    this.status = status;
    this.type = options.type;
    this.more = options.more ?? {};
    this.headers = options.headers ?? {};
  }
}

export function problemResponse({ status, message, type, more, headers }: HttpProblem): Response {
  const body = JSON.stringify({ ...(type === undefined ? {} : { type }), title: message, status, ...more });
  return new Response(body, { status, headers: { ...headers, 'content-type': 'application/problem+json' } });
}

export function notFound(): HttpProblem {
  return new HttpProblem(404, 'Not found');
}
