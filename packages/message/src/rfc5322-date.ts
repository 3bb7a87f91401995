/** RFC 5322 3.3. In UTC where nobody gave a zone: the local one would tell where the user is. */
export function rfc5322Date(ms: number, zoneMinutes = 0): string {
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  const ahead = Math.abs(zoneMinutes);
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${two(ahead / 60)}${two(ahead % 60)}`;
  return new Date(ms + zoneMinutes * 60_000).toUTCString().replace('GMT', zone);
}
