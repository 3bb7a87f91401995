/*
 * What is used of jmap-jam, as it is at run time. Its own types come as sources of another package that our compiler options refuse; and what a server
 * answers is looked at by `expect`, not believed by type.
 */
type Json = Readonly<Record<string, unknown>>;
type Answer = Record<string, unknown>;

export interface Draft {
  $ref(path: `/${string}`): unknown;
}
type Drafts = Record<string, Record<string, (args: Json) => Draft>>;

export class JamClient {
  constructor(config: { readonly sessionUrl: string; readonly bearerToken: string });
  static loadSession(sessionUrl: string, authHeader: string): Promise<unknown>;
  authHeader: string;
  session: Promise<unknown>;
  getPrimaryAccount(): Promise<string>;
  request(call: readonly [string, Json]): Promise<[Answer, unknown]>;
  requestMany<Made extends Record<string, Draft>>(make: (drafts: Drafts) => Made): Promise<[Record<keyof Made, Answer>, unknown]>;
  uploadBlob(accountId: string, body: BodyInit, init?: RequestInit): Promise<{ readonly blobId: string }>;
  downloadBlob(options: {
    readonly accountId: string;
    readonly blobId: string;
    readonly mimeType: string;
    readonly fileName: string;
  }): Promise<Response>;
}
