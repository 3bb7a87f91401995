export { clientServers, type ClientServer } from './client-setup/servers.ts';
export { srvRecords } from './client-setup/srv-records.ts';
export type { HttpApiDeps, HttpLog, OperatorDeps } from './deps.ts';
export { createHttpApi, type HttpApi } from './http-api.ts';
export type { HttpServer } from './server.ts';
export { News } from './jmap/push/news.ts';
