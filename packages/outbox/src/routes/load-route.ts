/** Each kind of way out, loaded when it is asked for: whoever has no webmail needs none of its parsers, and whoever looks at the queue no way out at all. */
export const loadRoute = {
  smtp: () => import('./smtp.ts'),
  smarthost: () => import('./smarthost.ts'),
  roundcube: () => import('./roundcube.ts'),
  jmap: () => import('./jmap.ts'),
};
