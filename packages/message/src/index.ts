export * from './addresses.ts';
export * from './header-block.ts';
export * from './received.ts';
export * from './refusals.ts';
export * from './rfc5322-date.ts';
export * from './submit-filter.ts';
export type { HeaderFacts } from './submit-header.ts';
