/*
 * Every bound of a digest is here or, where it belongs to one value, at the head of the file that reads it: MAX_VALUE_CHARS (header-values.ts),
 * MAX_PARAMETERS (parameters.ts), MAX_MAILBOXES (mailbox-list.ts), MAX_REFERENCES (envelope.ts), MAX_HEADER_BYTES (header-block.ts). Past a bound the digest
 * goes on without what is too much.
 */
export interface DigestBounds {
  /** Multiparts and messages in each other. */
  readonly depth: number;
  readonly parts: number;
  /** Of all parts' headers together. */
  readonly headerBytes: number;
  /** Encoded octets of text that are held to be decoded. */
  readonly textOctets: number;
  readonly textChars: number;
}

export const BOUNDS: DigestBounds = {
  depth: 50,
  parts: 1000,
  headerBytes: 1024 * 1024,
  textOctets: 1024 * 1024,
  textChars: 256 * 1024,
};
