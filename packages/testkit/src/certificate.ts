import { generate } from 'selfsigned';

const DAY_MS = 86_400_000;

export interface CertificateOptions {
  readonly name: string;
  /** Its last day is over. */
  readonly hasExpired?: boolean;
}

/** A self-signed certificate, which is its own authority. */
export async function makeCertificate({
  name,
  hasExpired = false,
}: CertificateOptions): Promise<{ readonly key: string; readonly cert: string }> {
  const nowMs = Date.now();
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    notBeforeDate: new Date(nowMs - 10 * DAY_MS),
    notAfterDate: new Date(nowMs + (hasExpired ? -1 : 10) * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { key, cert };
}
