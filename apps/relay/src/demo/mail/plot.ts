/** A conversation as it comes up again and again, with places for what differs: `{place} {day} {amount} {number}`. */
export interface Plot {
  readonly subject: string;
  /** The other one begins, the owner of the mailbox answers, and so on. */
  readonly turns: readonly string[];
  /** Of the first turn. */
  readonly attachment?: 'pdf' | 'picture' | 'invitation';
  /** Without it: work. */
  readonly about?: 'work' | 'life';
  /** Where the owner has filed it; else it stays in the inbox. */
  readonly folder?: string;
}
