import { MailError } from '@stopgap/core';

/** The parts of the relay that can be left out. Store, health of the paths and what hangs on them are always there. */
export const ROLES = ['intake', 'deliver', 'mirror', 'imap', 'pop3', 'http'] as const;
export type Role = (typeof ROLES)[number];

export const ALL_ROLES: ReadonlySet<Role> = new Set(ROLES);

const FORM = `Say "all", or some of ${ROLES.join(', ')} with commas between.`;

/** @param text `all` or `intake,http` @throws MailError `usage`, with a sentence */
export function readRoles(text: string): ReadonlySet<Role> {
  if (text.trim() === 'all') return ALL_ROLES;
  const names = text.split(',').map((name) => name.trim());
  return new Set(
    names.map((name) => {
      const role = ROLES.find((one) => one === name);
      if (role !== undefined) return role;
      const what = name === '' ? 'a role is missing' : `there is no role "${name}"${name === 'all' ? ' beside others' : ''}`;
      throw new MailError('permanent', `--role ${text === '' ? '""' : text}: ${what}. ${FORM}`, { code: 'usage' });
    }),
  );
}

/** Undefined: everything runs. */
export function leftOut(roles: ReadonlySet<Role>): string | undefined {
  const out = ROLES.filter((role) => !roles.has(role));
  return out.length === 0 ? undefined : `only ${[...roles].join(', ')}; not ${out.join(', ')}`;
}
