import { setEmails } from './email-methods.ts';
import { failed, recordOf, type Method } from './method.ts';

interface Order {
  readonly emailId: string;
  readonly envelope: { readonly mailFrom: { readonly email: string }; readonly rcptTo: readonly { readonly email: string }[] };
}

/** The server is gone in the middle of a request. */
export class ServerDied extends Error {}

export const submissionMethods: Readonly<Record<string, Method>> = {
  'Identity/get': (_, { switches }) => {
    if (!switches.hasSubmission) return failed('accountNotSupportedByMethod');
    return [['Identity/get', { state: '0', list: [{ id: 'I1', name: '', email: '' }], notFound: [] }]];
  },
  'EmailSubmission/set': async (args, context) => {
    const { account, switches, onSend } = context;
    const created: Record<string, unknown> = {};
    const notCreated: Record<string, unknown> = {};
    const update: Record<string, Record<string, unknown>> = {};
    for (const [key, value] of Object.entries(recordOf(args['create']))) {
      const order = value as unknown as Order;
      const email = account.emails.get(order.emailId);
      if (email === undefined) {
        notCreated[key] = { type: 'emailNotFound' };
        continue;
      }
      const to = order.envelope.rcptTo.map((recipient) => recipient.email);
      const refusal = await onSend({ raw: email.raw, from: order.envelope.mailFrom.email, to });
      if (refusal !== undefined) {
        notCreated[key] = refusal;
        continue;
      }
      if (switches.diesAfterSending) throw new ServerDied('the server died after the sending');
      created[key] = { id: `S${order.emailId}`, undoStatus: 'final', sendAt: '2026-11-25T00:00:00Z' };
      const onSuccess = recordOf(args['onSuccessUpdateEmail'])[`#${key}`];
      if (onSuccess !== undefined && !switches.failsToFile) update[order.emailId] = onSuccess;
    }
    const set = { oldState: '0', newState: '1', created, notCreated };
    // RFC 8621 7.5: the implicit Email/set, under the same call id.
    return [['EmailSubmission/set', set], ...setEmails({ update }, context)];
  },
};
