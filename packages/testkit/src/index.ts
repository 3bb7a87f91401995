export { RecordingRoute, type Answer, type Taken } from './recording-route.ts';
export { FakeClock } from './fake-clock.ts';
export { tempStore, type TempStore } from './temp-store.ts';
