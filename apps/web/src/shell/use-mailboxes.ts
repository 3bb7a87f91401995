import { createContext, use } from 'react';
import type { MailboxTree } from './mailbox-tree.ts';

export const MailboxesContext = createContext<MailboxTree | undefined>(undefined);

/** Undefined: not known yet. */
export function useMailboxes(): MailboxTree | undefined {
  return use(MailboxesContext);
}
