import { createContext, use } from 'react';
import type { Device } from './device.ts';

export const DeviceContext = createContext<Device | undefined>(undefined);

export function useDevice(): Device {
  const device = use(DeviceContext);
  if (device === undefined) throw new Error('no device around this component');
  return device;
}
