import { asId, Secret, type DeliveryJob, type JobRecipient } from '@stopgap/core';

export interface JobOptions {
  readonly to?: readonly string[];
  readonly message?: string | Buffer;
  readonly overrides?: Partial<DeliveryJob>;
}

const LETTER = [
  'From: Alice <alice@provider.test>',
  'To: bob@outside.test',
  'Message-ID: <m@provider.test>',
  'Subject: x',
  '',
  'A line.',
  '',
].join('\r\n');

/** A job as the outbox would make it. `marks` counts how often it was marked. */
export function makeJob({ to = ['bob@outside.test'], message = LETTER, overrides }: JobOptions = {}): DeliveryJob & {
  readonly marks: () => number;
} {
  const bytes = Buffer.from(message);
  let marks = 0;
  const recipients: JobRecipient[] = to.map((address, index) => ({ id: asId.recipient(index + 1), address }));
  return {
    submission: asId.submission('s1'),
    attempt: asId.attempt(1),
    witness: 'w1.x',
    account: asId.account('alice@provider.test'),
    envelope: { from: 'alice@provider.test', smtpUtf8: false, eightBitMime: false },
    recipients,
    messageId: '<m@provider.test>',
    sizeBytes: bytes.length,
    open: async function* open() {
      yield bytes;
    },
    credential: async () => ({ username: 'alice@provider.test', password: new Secret('hunter2') }),
    mark: async () => {
      marks += 1;
    },
    doubt: async () => undefined,
    unsettled: () => [],
    ...overrides,
    marks: () => marks,
  };
}
