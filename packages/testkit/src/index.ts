export { RecordingRoute, type Answer, type Taken } from './recording-route.ts';
export { FakeClock } from './fake-clock.ts';
export { tempStore, type TempStore } from './temp-store.ts';
export {
  startFakeRoundcube,
  throughNetSmtp,
  type FakeRoundcube,
  type FakeRoundcubeOptions,
  type FakeRoundcubeSwitches,
  type Sending,
} from './fake-roundcube/index.ts';
export { runDialog, type Dialog } from './dialog.ts';
export { until } from './until.ts';
