export * from './roundcube/index.ts';
export { guardedDispatcher } from './net/dispatcher.ts';
export { createGuard, type Guard } from './net/guard.ts';
