import { MailError } from '@stopgap/core';

/** What the bytes of a message can have wrong, so that it is refused whoever sent it. */
export type Violation = 'bare-cr' | 'bare-lf' | 'nul' | 'line-too-long' | 'header-too-long' | 'message-id-too-long';

/** What a header can have wrong. Whether it is refused for it is the door's decision; `refusalOf` has the words. */
export type HeaderProblem =
  | 'from-missing'
  | 'from-repeated'
  | 'from-malformed'
  | 'sender-repeated'
  | 'sender-malformed'
  | 'message-id-repeated'
  | 'date-repeated'
  | 'line-malformed';

interface Words {
  readonly code: number;
  /** RFC 3463 */
  readonly status: string;
  readonly text: string;
}

const words: Readonly<Record<Violation | HeaderProblem, Words>> = {
  'bare-cr': { code: 550, status: '5.6.0', text: 'The message has a carriage return that is not followed by a line feed (RFC 5321 2.3.8)' },
  'bare-lf': { code: 550, status: '5.6.0', text: 'The message has a line feed without a carriage return before it (RFC 5321 2.3.8)' },
  nul: { code: 550, status: '5.6.0', text: 'The message has a NUL byte in it (RFC 5322 4)' },
  'line-too-long': { code: 550, status: '5.6.0', text: 'A line of the message is far too long' },
  'header-too-long': { code: 552, status: '5.3.4', text: 'The header of the message is too long' },
  'message-id-too-long': { code: 550, status: '5.6.0', text: 'The Message-ID is longer than a line may be (RFC 5322 2.1.1)' },
  'from-missing': { code: 550, status: '5.6.0', text: 'The message has no From field (RFC 5322 3.6)' },
  'from-repeated': { code: 550, status: '5.6.0', text: 'The message has more than one From field (RFC 5322 3.6)' },
  'from-malformed': { code: 550, status: '5.6.0', text: 'The From field can not be read as a list of addresses (RFC 5322 3.6.2)' },
  'sender-repeated': { code: 550, status: '5.6.0', text: 'The message has more than one Sender field (RFC 5322 3.6)' },
  'sender-malformed': { code: 550, status: '5.6.0', text: 'The Sender field can not be read as one address (RFC 5322 3.6.2)' },
  'message-id-repeated': { code: 550, status: '5.6.0', text: 'The message has more than one Message-ID field (RFC 5322 3.6)' },
  'date-repeated': { code: 550, status: '5.6.0', text: 'The message has more than one Date field (RFC 5322 3.6)' },
  'line-malformed': { code: 550, status: '5.6.0', text: 'A line of the header is not a header field (RFC 5322 2.2)' },
};

/** The error to end the command with: its `reason` has SMTP code and status, its `reply` the text. */
export function refusalOf(flaw: Violation | HeaderProblem): MailError {
  const { code, status, text } = words[flaw];
  return new MailError('permanent', text, { code: flaw, reply: text, reason: { class: 'content', text, code, status } });
}
