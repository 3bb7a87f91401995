export { cancel, hold, release, resolve, retryNow, type Changed } from './control.ts';
export { openOutbox, type Outbox } from './outbox.ts';
export { type Put, type PutRequest, type PutResult } from './put.ts';
export { queueDetail, queueEntries, type QueueDetail, type QueueEntry } from './view.ts';
export { createAlignment, type Alignment, type DnsResolver } from './routes/alignment.ts';
export { createRoundcubeRoute, type RoundcubeRouteOptions } from './routes/roundcube.ts';
export { createRoutes } from './routes/routes.ts';
export { createSmarthostRoute } from './routes/smarthost.ts';
export { createSmtpRoute } from './routes/smtp.ts';
