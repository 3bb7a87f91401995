import { route, type App } from './app-env.ts';

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const refused = {
  '401': { description: 'Address or password is wrong, or nobody is logged in', content: problem },
  '403': { description: 'The request comes from another site', content: problem },
};
const person = {
  type: 'object',
  required: ['account', 'address'],
  properties: {
    account: { type: 'string' },
    address: { type: 'string' },
    addresses: { type: 'array', items: { type: 'string' }, description: 'All that it may send as' },
  },
};
const sessionList = {
  type: 'object',
  properties: {
    sessions: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', description: 'For DELETE /api/sessions/{id}' },
          agent: { type: 'string', description: 'What the browser called itself' },
          createdAt: { type: 'string', format: 'date-time' },
          renewedAt: { type: 'string', format: 'date-time', description: 'Used about then for the last time' },
          isThis: { type: 'boolean' },
        },
      },
    },
  },
};
const json = (schema: object) => ({ 'application/json': { schema } });
const withPerson = [{ session: [] }, { basic: [] }];
const text = (description: string, type = 'text/plain') => ({ description, content: { [type]: { schema: { type: 'string' } } } });

/** What is no JMAP; that is in RFC 8620, RFC 8621 and the README of this package. */
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Stopgap', version: '1', description: 'Sessions and status. Mail itself is JMAP at /.well-known/jmap.' },
  paths: {
    '/api/session': {
      post: {
        summary: 'Log in',
        description: 'Sets two HttpOnly cookies: the session (15 minutes) and the refresh token (14 days, only for /api/session).',
        requestBody: {
          required: true,
          content: json({
            type: 'object',
            required: ['address', 'password'],
            additionalProperties: false,
            properties: { address: { type: 'string' }, password: { type: 'string', format: 'password' } },
          }),
        },
        responses: {
          '200': { description: 'Logged in', content: json(person) },
          ...refused,
          '429': { description: 'Too many failed log-ins; see Retry-After', content: problem },
          '503': { description: 'It can not be known now; `reason` says why', content: problem },
        },
      },
      get: {
        summary: 'Who am I',
        security: withPerson,
        responses: { '200': { description: 'The person', content: json(person) }, ...refused },
      },
      delete: {
        summary: 'Log out',
        responses: { '204': { description: 'Logged out; also when nobody was logged in' }, '403': refused['403'] },
      },
    },
    '/api/session/refresh': {
      post: {
        summary: 'Renew the session',
        description: 'By the refresh cookie. Without Origin or Sec-Fetch-Site the header X-Stopgap-Request must be there.',
        responses: { '204': { description: 'Both cookies are new' }, ...refused },
      },
    },
    '/api/sessions': {
      get: {
        summary: 'Where I am logged in',
        security: withPerson,
        responses: {
          '200': { description: 'The sessions of the account, the one used last first', content: json(sessionList) },
          ...refused,
        },
      },
      delete: {
        summary: 'Log out everywhere',
        security: withPerson,
        responses: { '204': { description: 'All sessions of the account ended' }, ...refused },
      },
    },
    '/api/sessions/{id}': {
      delete: {
        summary: 'Log out in one place',
        security: withPerson,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          '204': { description: 'That session ended' },
          ...refused,
          '404': { description: 'There is no such session', content: problem },
        },
      },
    },
    '/status': { get: { summary: 'State of the providers, for people', responses: { '200': text('A page', 'text/html') } } },
    '/status.json': {
      get: {
        summary: 'State of the providers',
        responses: { '200': { description: 'Paths and outages', content: json({ type: 'object' }) } },
      },
    },
    '/status.rss': { get: { summary: 'Outages as RSS 2.0', responses: { '200': text('A feed', 'application/rss+xml') } } },
    '/healthz': { get: { summary: 'The process lives', responses: { '200': text('alive') } } },
    '/readyz': {
      get: {
        summary: 'The store takes writes',
        responses: { '200': text('ready'), '503': { description: 'It does not', content: problem } },
      },
    },
    '/metrics': { get: { summary: 'Prometheus', responses: { '200': text('Metrics') } } },
  },
  components: {
    securitySchemes: {
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: 'stopgap-session',
        description: '`__Host-stopgap-session` where the name is no loopback',
      },
      basic: { type: 'http', scheme: 'basic', description: 'Address and password' },
    },
    schemas: {
      Problem: {
        type: 'object',
        description: 'RFC 9457',
        required: ['title', 'status'],
        properties: { type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } },
      },
    },
  },
} as const;

export function openApiRoute(app: App): void {
  route(app, '/api/openapi.json', { GET: (c) => c.json(DOCUMENT) });
}

/** Each path of the document with its methods. */
export const DOCUMENTED: readonly (readonly [string, readonly string[]])[] = Object.entries(DOCUMENT.paths).map(([path, methods]) => [
  path,
  Object.keys(methods).map((method) => method.toUpperCase()),
]);
