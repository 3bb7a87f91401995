import { z } from 'zod';
import { CODE_HEADER, CODE_WANTED } from '../setup/admission.ts';
import { applySchema, probeSchema, proposeSchema } from '../setup/schemas.ts';
import { bodyNotTaken, json, problem } from './parts.ts';

const bodyOf = (schema: z.ZodType) => ({ required: true, content: json(z.toJSONSchema(schema, { io: 'input' })) });
const code = {
  name: CODE_HEADER,
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'The code of the terminal; wanted from other machines than the relay’s own',
};
const notAdmitted = { description: `From another site, or another machine without the code (\`${CODE_WANTED}\`)`, content: problem };
const notUnderstood = {
  '400': { description: 'The request is not understood', content: problem },
  '403': notAdmitted,
  ...bodyNotTaken,
};
const notUsable = { description: 'The configuration does not take it; `detail` says why', content: problem };
const tooMuch = { description: 'Too much at once', content: problem };

/** Only while no provider is configured. */
export const SETUP_PATHS = {
  '/api/setup': {
    get: {
      summary: 'What will be written',
      parameters: [code],
      responses: {
        '200': {
          description: 'The file, and what it says of this relay',
          content: json({
            type: 'object',
            required: ['file', 'hostname', 'allowPrivate'],
            properties: { file: { type: 'string' }, hostname: { type: 'string' }, allowPrivate: { type: 'boolean' } },
          }),
        },
        '403': notAdmitted,
      },
    },
    post: {
      summary: 'Set the relay up: the first provider and the first account',
      parameters: [code],
      requestBody: bodyOf(applySchema),
      responses: {
        '200': {
          description: 'Done; `pending`: nobody could check the password yet',
          content: json({ type: 'object', required: ['state'], properties: { state: { enum: ['active', 'pending'] } } }),
        },
        ...notUnderstood,
        '409': { description: 'Somebody else does it at this moment', content: problem },
        '422': { description: 'The provider refuses the password, or the configuration does not take it', content: problem },
        '500': { description: 'The file could not be written; `text` is what it should say', content: problem },
        '503': { description: 'No path could check the password now', content: problem },
      },
    },
  },
  '/api/setup/proposals': {
    post: {
      summary: 'The ways to the provider of an address',
      parameters: [code],
      requestBody: bodyOf(proposeSchema),
      responses: {
        '200': { description: 'Ways, best first, each with its source', content: json({ type: 'object' }) },
        ...notUnderstood,
        '429': tooMuch,
      },
    },
  },
  '/api/setup/probe': {
    post: {
      summary: 'Ask one way whether it answers',
      parameters: [code],
      requestBody: bodyOf(probeSchema),
      responses: {
        '200': {
          description: 'It answered, or why not',
          content: json({
            type: 'object',
            required: ['answered'],
            properties: {
              answered: { type: 'boolean' },
              elapsedMs: { type: 'integer' },
              class: { type: 'string' },
              reason: { type: 'string' },
            },
          }),
        },
        ...notUnderstood,
        '422': notUsable,
        '429': tooMuch,
      },
    },
  },
} as const;
