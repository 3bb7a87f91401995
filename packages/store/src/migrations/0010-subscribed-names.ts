/*
 * subscribed_name  names on an account's list of subscriptions that no mailbox has: it was deleted (RFC 9051 6.3.7). Those of mailboxes that are there
 *                  stand in `mailbox.subscribed`
 */
export const subscribedNames = `
CREATE TABLE subscribed_name (
  account_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;
`;
