import { DEMO_PARTS } from '../deps.ts';
import { bodyNotTaken, json, problem, refused } from './parts.ts';

const demoParts = { type: 'array', items: { enum: DEMO_PARTS } };
const demoState = json({
  type: 'object',
  required: ['outage', 'down', 'accounts'],
  properties: { outage: { type: 'boolean' }, down: demoParts, accounts: { type: 'array', items: { type: 'object' } } },
});
/** In `stopgap demo` alone. */
export const DEMO_PATHS = {
  '/demo/outage': {
    get: { summary: 'What of the practice provider is broken', responses: { '200': { description: 'Its state', content: demoState } } },
    post: {
      summary: 'Break the practice provider, or heal it',
      description: '`outage`: its mail servers (SMTP, IMAP), or none. `down`: just these parts. Without a body: an outage.',
      requestBody: {
        content: json({
          oneOf: [
            { type: 'object', required: ['outage'], additionalProperties: false, properties: { outage: { type: 'boolean' } } },
            { type: 'object', required: ['down'], additionalProperties: false, properties: { down: demoParts } },
          ],
        }),
      },
      responses: {
        '200': { description: 'Its state now', content: demoState },
        '400': { description: 'The body says something else', content: problem },
        '403': refused['403'],
        ...bodyNotTaken,
      },
    },
  },
} as const;
