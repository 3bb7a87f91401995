import type { JmapLimits } from '@stopgap/jmap';

/** RFC 8620 2; what is asked for beyond is refused with the limit's name. */
export const LIMITS = {
  maxConcurrentUpload: 4,
  maxSizeRequest: 10_000_000,
  /** Of one account. Clients with several windows, each with a stream of its own (which do not count). */
  maxConcurrentRequests: 8,
  maxCallsInRequest: 32,
  maxObjectsInGet: 1000,
  maxObjectsInSet: 1000,
} as const satisfies Omit<JmapLimits, 'maxSizeUpload'>;

/** Arrays and objects in each other, in a request. */
export const DEEPEST_JSON = 100;
/** Of all answers of a request, as JSON; references make a small request ask for much. */
export const MOST_ANSWER_CHARACTERS = 64 * 1024 * 1024;
/** What the references of one call bring, as JSON. */
export const MOST_REFERENCED_CHARACTERS = 16 * 1024 * 1024;
