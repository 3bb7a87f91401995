/*
 * Since when a path has been watched. Of one that was before this, the earliest that is known of it.
 */
export const watchedSince = `
ALTER TABLE path_health ADD COLUMN watched_since_ms INTEGER;
UPDATE path_health
SET watched_since_ms = min(since_ms, coalesce((SELECT min(start_ms) FROM outage o WHERE o.path = path_health.path), since_ms))
WHERE state <> 'unknown';
`;
