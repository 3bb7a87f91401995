export * from './roundcube/index.ts';
export { connectJmap, type JmapConnection } from './jmap/connect.ts';
export { createJmapUpstream } from './jmap/upstream.ts';
export { guardedDispatcher } from './net/dispatcher.ts';
