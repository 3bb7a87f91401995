/** RFC 8621 4.4.2 */
export const EMAIL_SORTS = [
  'receivedAt',
  'size',
  'from',
  'to',
  'subject',
  'sentAt',
  'hasKeyword',
  'allInThreadHaveKeyword',
  'someInThreadHaveKeyword',
] as const;
export type EmailSort = (typeof EMAIL_SORTS)[number];
