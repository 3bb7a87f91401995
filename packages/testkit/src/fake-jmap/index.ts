export { startFakeJmap, type FakeJmap, type FakeJmapOptions } from './fake-jmap.ts';
export type { FakeJmapSwitches, JmapRefusal, JmapSending, OnJmapSend } from './switches.ts';
