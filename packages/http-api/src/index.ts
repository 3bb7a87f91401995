export type { HttpApiDeps, HttpLog, OperatorDeps } from './deps.ts';
export { createHttpApi, type HttpApi } from './http-api.ts';
export type { HttpServer } from './server.ts';
export { News } from './jmap/push/news.ts';
