declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type ProviderName = Brand<string, 'ProviderName'>;
export type PathId = Brand<string, 'PathId'>;
export type AccountId = Brand<string, 'AccountId'>;
export type SubmissionId = Brand<string, 'SubmissionId'>;
export type RecipientId = Brand<number, 'RecipientId'>;
export type AttemptId = Brand<number, 'AttemptId'>;
export type BlobId = Brand<number, 'BlobId'>;
/** SHA-256 of the content, 64 lower-case hex digits. */
export type BlobHash = Brand<string, 'BlobHash'>;

/** The one place where a plain value becomes an id: at an edge that knows what it holds (a row, a config key, an argument). */
export const asId = {
  provider: (value: string) => value as ProviderName,
  path: (value: string) => value as PathId,
  account: (value: string) => value as AccountId,
  submission: (value: string) => value as SubmissionId,
  recipient: (value: number) => value as RecipientId,
  attempt: (value: number) => value as AttemptId,
  blob: (value: number) => value as BlobId,
  blobHash: (value: string) => value as BlobHash,
};
