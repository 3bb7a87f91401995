import { z } from 'zod';
import { invocationSchema } from './calls.ts';

/** RFC 8620 3.3, as a server reads it. Properties that nobody knows are passed over. */
export const requestSchema = z.object({
  using: z.array(z.string()),
  methodCalls: z.array(invocationSchema),
  createdIds: z.record(z.string(), z.string()).nullish(),
});
export type JmapRequestObject = Readonly<z.infer<typeof requestSchema>>;

/** RFC 8620 3.7: what stands under an argument whose name begins with `#`. */
export const resultReferenceSchema = z.strictObject({ resultOf: z.string(), name: z.string(), path: z.string() });
