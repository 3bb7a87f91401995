/*
 * self-signed.mjs NAME...: prints a key and a certificate for these names, PEM with a NUL between. A process of its own, because its libraries are needed once in
 * the life of a relay and would hold 10 MB of it from then on (in a thread of their own, too). Plain JavaScript: TypeScript would bring its compiler along.
 */
import { enableCompileCache } from 'node:module';
import { isIP } from 'node:net';

/** Long enough for an emergency; a real certificate is what production has. */
const VALID_DAYS = 825;

enableCompileCache();
const { generate } = await import('selfsigned');
const names = process.argv.slice(2);
const made = await generate([{ name: 'commonName', value: names[0] }], {
  keyType: 'ec',
  // Left to itself it says SHA-1.
  algorithm: 'sha256',
  notAfterDate: new Date(Date.now() + VALID_DAYS * 24 * 60 * 60 * 1000),
  extensions: [
    {
      name: 'subjectAltName',
      // RFC 5280 4.2.1.6: a DNS name, or an address.
      altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
    },
  ],
});
process.stdout.write(`${made.private}\0${made.cert}`);
