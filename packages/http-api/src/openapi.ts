import { route, type App } from './app-env.ts';
import { DEMO_PARTS } from './deps.ts';

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const refused = {
  '401': { description: 'Address or password is wrong, or nobody is logged in', content: problem },
  '403': { description: 'The request comes from another site', content: problem },
};
const unknownAddress = {
  '400': { description: 'No mail address', content: problem },
  '404': { description: 'An address of no provider of this relay, or no open doors', content: problem },
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
const loggedIn = {
  ...person,
  required: ['account', 'address', 'jmap'],
  properties: { ...person.properties, jmap: { type: 'object', description: 'The session resource (RFC 8620 2)' } },
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
        description:
          'Sets two HttpOnly cookies: the session (15 minutes) and the refresh token (14 days, only for /api/session); and a mark for scripts that somebody may be logged in.',
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
          '200': { description: 'Logged in', content: json(loggedIn) },
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
    '/.well-known/autoconfig/mail/config-v1.1.xml': {
      get: {
        summary: 'Settings for mail programs, as Mozilla has them (also at /mail/config-v1.1.xml)',
        parameters: [{ in: 'query', name: 'emailaddress', required: false, schema: { type: 'string' } }],
        responses: { '200': text('clientConfig 1.1', 'text/xml'), ...unknownAddress },
      },
    },
    '/autodiscover/autodiscover.xml': {
      post: {
        summary: 'Settings for Outlook (POX); the path in any case',
        requestBody: { required: true, content: { 'text/xml': { schema: { type: 'string' } } } },
        responses: { '200': text('Settings, or an error as MS-OXDSCLI has it', 'text/xml') },
      },
    },
    '/apple.mobileconfig': {
      get: {
        summary: 'A profile for the Mail of iPhone, iPad and Mac',
        parameters: [{ in: 'query', name: 'email', required: true, schema: { type: 'string' } }],
        responses: { '200': text('A configuration profile', 'application/x-apple-aspen-config'), ...unknownAddress },
      },
    },
    '/api/client-setup': {
      get: {
        summary: 'What to write into a mail program',
        responses: { '200': { description: 'Servers, best first', content: json({ type: 'object' }) } },
      },
    },
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

const demoParts = { type: 'array', items: { enum: DEMO_PARTS } };
const demoState = json({
  type: 'object',
  required: ['outage', 'down', 'accounts'],
  properties: { outage: { type: 'boolean' }, down: demoParts, accounts: { type: 'array', items: { type: 'object' } } },
});
const DEMO_PATHS = {
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
      },
    },
  },
} as const;

export function openApiRoute(app: App, { isDemo }: { readonly isDemo: boolean }): void {
  const document = isDemo ? { ...DOCUMENT, paths: { ...DOCUMENT.paths, ...DEMO_PATHS } } : DOCUMENT;
  route(app, '/api/openapi.json', { GET: (c) => c.json(document) });
}

/** Each path of the document with its methods. */
export const DOCUMENTED: readonly (readonly [string, readonly string[]])[] = Object.entries(DOCUMENT.paths).map(([path, methods]) => [
  path,
  Object.keys(methods).map((method) => method.toUpperCase()),
]);
