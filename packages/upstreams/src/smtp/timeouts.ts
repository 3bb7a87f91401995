/** How long to wait for each answer. RFC 5321 4.5.3.2 asks for minutes; a person's mail client waits behind us, so most are shorter. */
export interface SmtpTimeouts {
  /** Look-up, TCP, TLS. */
  readonly connectMs: number;
  readonly bannerMs: number;
  /** EHLO, STARTTLS, AUTH, RSET, QUIT. */
  readonly commandMs: number;
  readonly mailMs: number;
  readonly rcptMs: number;
  readonly dataMs: number;
  /** Until one piece of the body has left. */
  readonly bodyMs: number;
  /** RFC 5321 4.5.3.2.6: too short a wait here makes duplicates. */
  readonly afterDotMs: number;
}

export const DEFAULT_SMTP_TIMEOUTS: SmtpTimeouts = {
  connectMs: 30_000,
  bannerMs: 30_000,
  commandMs: 30_000,
  mailMs: 60_000,
  rcptMs: 60_000,
  dataMs: 60_000,
  bodyMs: 120_000,
  afterDotMs: 600_000,
};
