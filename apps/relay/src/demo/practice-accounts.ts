import type { PracticeAccount } from './practice-provider.ts';

/** Everybody may know these passwords: the accounts live for one demo. */
export const ANNA: PracticeAccount = { name: 'Anna Berger', address: 'anna@demo.test', password: 'practice-anna' };
export const BEN: PracticeAccount = { name: 'Ben Carter', address: 'ben@demo.test', password: 'practice-ben' };
