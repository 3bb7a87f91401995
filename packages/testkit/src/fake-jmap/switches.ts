/** What leaves by EmailSubmission/set. */
export interface JmapSending {
  readonly raw: Buffer;
  readonly from: string;
  readonly to: readonly string[];
}

/** A SetError of RFC 8621 7.5 as the server says it. */
export interface JmapRefusal {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Takes what is sent; a refusal is told to the client. */
export type OnJmapSend = (sending: JmapSending) => Promise<JmapRefusal | undefined>;

export interface FakeJmapSwitches {
  /** Connections are cut as soon as a request comes. */
  isDown: boolean;
  /** Every request is answered with this status. */
  refusal: { readonly status: number; readonly retryAfterS?: number } | undefined;
  /** The answer to the next request with this method is lost, after it was done or without. */
  lost: { readonly method: string; readonly processed: boolean } | undefined;
  /** The server dies behind the sending: what should have been done on success is not, and there is no answer. */
  diesAfterSending: boolean;
  /** What is sent stays where it is, as what should have been done on success fails. */
  failsToFile: boolean;
  /** What lies there can not be changed nor destroyed. New mail is taken. */
  isReadOnly: boolean;
  /** A reference into an answer about changes is resolved; some servers know those to lists alone. */
  tiesCalls: boolean;
  /** As Cyrus shows it while its SMTP server is down: nobody can submit. */
  hasSubmission: boolean;
  /** Else the stream of events is 204, as with Cyrus. */
  hasEvents: boolean;
  /** What to put into the session instead of its own. */
  session: Readonly<Record<string, unknown>>;
  /** A method is answered with this error. */
  readonly methodErrors: Map<string, string>;
  /** An answer of a method, changed on its way out. */
  readonly spoiled: Map<string, (args: Record<string, unknown>) => Record<string, unknown>>;
}

export function allWell(): FakeJmapSwitches {
  return {
    isDown: false,
    refusal: undefined,
    lost: undefined,
    diesAfterSending: false,
    failsToFile: false,
    isReadOnly: false,
    tiesCalls: true,
    hasSubmission: true,
    hasEvents: false,
    session: {},
    methodErrors: new Map(),
    spoiled: new Map(),
  };
}
