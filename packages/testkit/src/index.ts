export { FakeClock } from './fake-clock.ts';
export { tempStore, type TempStore } from './temp-store.ts';
