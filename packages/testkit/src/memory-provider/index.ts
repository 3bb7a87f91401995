export { MemoryAccount, type Delivery, type MemoryMailbox, type MemoryMessage } from './mail-store.ts';
export { MemoryProvider, type MemoryPath } from './memory-provider.ts';
export type { PathFaults } from './path-faults.ts';
export type { ViewKind } from './views.ts';
