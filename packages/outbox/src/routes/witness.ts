/* A witness is `submission.attempt`. It stands in the Received field that an attempt puts on top of what it leaves upstream. */

/** The witness stands alone in a trace: `id.1` must not be found in `id.12`. */
export function carries({ traces }: { readonly traces: readonly string[] }, witness: string): boolean {
  return traces.some((trace) => trace.split(/[^a-z0-9.]+/).includes(witness));
}

/** What the witnesses of all attempts at one message have in common. */
export function submissionOf(witness: string): string {
  return witness.slice(0, witness.lastIndexOf('.'));
}

/** The witness in a trace. RFC 5321 4.4: `id WORD;` */
export function idOf(trace: string): string | undefined {
  return /(?:^| )id ([a-z0-9.]+);/.exec(trace)?.[1];
}
