import { z } from 'zod';
import { parseAddress } from '@stopgap/core';

/** Far above what a provider has. */
const MOST_PATHS = 10;
const MOST_DOMAINS = 20;

/** No key of the configuration that names a file or a variable: what stands in those would be shown, or sent to a server. */
const hostPath = z.strictObject({
  kind: z.enum(['imap', 'pop3', 'smtp']),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  security: z.enum(['tls', 'starttls', 'none']),
});
const urlPath = z.strictObject({ kind: z.enum(['roundcube', 'jmap']), url: z.string().min(1).max(500) });
const path = z.union([hostPath, urlPath]);
const address = z
  .string()
  .max(254)
  .transform((text) => text.trim())
  .refine((text) => parseAddress(text) !== undefined);

const provider = z.strictObject({
  name: z.string().min(1).max(64),
  domains: z.array(z.string().min(1).max(253)).min(1).max(MOST_DOMAINS),
  login: z.enum(['address', 'localpart']),
  incoming: z.array(path).max(MOST_PATHS),
  outgoing: z.array(path).max(MOST_PATHS),
});

export const proposeSchema = z.strictObject({ address });
export const probeSchema = z.strictObject({ direction: z.enum(['incoming', 'outgoing']), path });
export const applySchema = z.strictObject({
  provider,
  account: z.strictObject({
    address,
    password: z.string().min(1).max(2000),
    name: z.string().max(200).optional(),
    unverified: z.boolean(),
  }),
  network: z.strictObject({ name: z.string().min(1).max(253) }).optional(),
});
