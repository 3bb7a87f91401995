/*
 * A line before the first part of a multipart message, which is no part of it and of no S/MIME or PGP signature (RFC 2046 5.1.1, RFC 1847 2.1). What a webmail
 * resends may need one; whoever compares it with what its person has stored leaves it out.
 */

/** Its line end included. */
export const LONGEST_PREAMBLE_BYTES = 120;

/** No part boundary begins like it. */
export function preambleLine(bytes: number): Buffer {
  return Buffer.from(`${'~'.repeat(bytes - 2)}\r\n`);
}

/** @param rest what follows the header, from the empty line on; at least so much of it as a preamble may be long */
export function withoutPreamble(rest: Buffer): Buffer {
  const found = /^\r\n~+\r\n/.exec(rest.subarray(0, 2 + LONGEST_PREAMBLE_BYTES).toString('latin1'))?.[0];
  return found === undefined ? rest : rest.subarray(found.length - 2);
}
