/* What several paths of the document have in common. */

export const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
export const refused = {
  '401': { description: 'Address or password is wrong, or nobody is logged in', content: problem },
  '403': { description: 'The request comes from another site', content: problem },
};
/** Where a password may come along. */
export const refusedLogIn = {
  ...refused,
  '429': { description: 'Too many failed log-ins; see Retry-After', content: problem },
  '503': { description: 'It can not be known now; `reason` says why', content: problem },
};
export const bodyNotTaken = {
  '413': { description: 'Too large', content: problem },
  '415': { description: 'Of another type, or with a Content-Encoding', content: problem },
};
export const json = (schema: object) => ({ 'application/json': { schema } });
export const withPerson = [{ session: [] }, { basic: [] }];
export const text = (description: string, type = 'text/plain') => ({ description, content: { [type]: { schema: { type: 'string' } } } });
