import { bodyNotTaken, json, problem, refused, refusedLogIn, text, withPerson } from './parts.ts';

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

/** What is no JMAP; that is in RFC 8620, RFC 8621 and the README of this package. */
export const DOCUMENT = {
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
          '400': { description: 'The request is not understood', content: problem },
          ...refusedLogIn,
          ...bodyNotTaken,
        },
      },
      get: {
        summary: 'Who am I',
        security: withPerson,
        responses: { '200': { description: 'The person', content: json(person) }, ...refusedLogIn },
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
          ...refusedLogIn,
        },
      },
      delete: {
        summary: 'Log out everywhere',
        security: withPerson,
        responses: { '204': { description: 'All sessions of the account ended' }, ...refusedLogIn },
      },
    },
    '/api/sessions/{id}': {
      delete: {
        summary: 'Log out in one place',
        security: withPerson,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          '204': { description: 'That session ended' },
          ...refusedLogIn,
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
        summary: 'Settings for mail programs, as Mozilla has them',
        parameters: [{ in: 'query', name: 'emailaddress', required: false, schema: { type: 'string' } }],
        responses: { '200': text('clientConfig 1.1', 'text/xml'), ...unknownAddress },
      },
    },
    '/mail/config-v1.1.xml': {
      get: {
        summary: 'The same, for programs that ask at the name `autoconfig` of a domain',
        parameters: [{ in: 'query', name: 'emailaddress', required: false, schema: { type: 'string' } }],
        responses: { '200': text('clientConfig 1.1', 'text/xml'), ...unknownAddress },
      },
    },
    '/autodiscover/autodiscover.xml': {
      post: {
        summary: 'Settings for Outlook (POX); the path in any case',
        requestBody: { required: true, content: { 'text/xml': { schema: { type: 'string' } } } },
        responses: { '200': text('Settings, or an error as MS-OXDSCLI has it', 'text/xml'), ...bodyNotTaken },
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
    '/api/openapi.json': {
      get: { summary: 'This document', responses: { '200': { description: 'OpenAPI 3.1', content: json({ type: 'object' }) } } },
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
