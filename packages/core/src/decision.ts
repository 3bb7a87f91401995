/** What a person may decide about what waits. `delivered` and `resend` are about an attempt whose end is unknown. */
export type Decision = 'retry' | 'hold' | 'release' | 'cancel' | 'delivered' | 'resend';
