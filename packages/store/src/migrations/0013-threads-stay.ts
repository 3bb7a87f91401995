/*
 * A message stays in its thread; none becomes part of another any more. What pointed at one that had is turned to where its messages are.
 */
export const threadsStay = ['thread_ref', 'thread_subject', 'jmap_submission']
  .map(
    (table) => `
UPDATE ${table} SET thread_id = (SELECT into_thread_id FROM thread_merged m WHERE m.account_id = ${table}.account_id AND m.thread_id = ${table}.thread_id)
WHERE EXISTS (SELECT 1 FROM thread_merged m WHERE m.account_id = ${table}.account_id AND m.thread_id = ${table}.thread_id);`,
  )
  .concat('DROP TABLE thread_merged;\n')
  .join('\n');
