export { cancel, giveUp, hold, release, resolve, retryNow, type Changed, type Resolution } from './control.ts';
export { futureRelease, futureReleaseLimits, isFutureRelease, LONGEST_HOLD_S, type FutureRelease } from './future-release.ts';
export { openOutbox, type Outbox } from './outbox.ts';
export { createPut, type KeptBeside, type Put, type PutRequest, type PutResult } from './put.ts';
export { loadRoute } from './routes/load-route.ts';
export { createRoutes } from './routes/routes.ts';
export { queueDetail, queueEntries, type QueueDetail, type QueueEntry } from './view.ts';
