/** RFC 5322 3.3, in UTC: a local zone would tell where the user is. */
export function rfc5322Date(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000');
}
