export { DEMO_PARTS, type DemoDeps, type DemoPart, type HttpApiDeps, type HttpLog, type OperatorDeps } from './deps.ts';
export { createHttpApi, type HttpApi } from './http-api.ts';
export type { HttpServer } from './server.ts';
export { News } from './jmap/push/news.ts';
