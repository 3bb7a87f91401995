export type { LoggedIn } from './client.ts';
export type { IntakeEvents } from './events.ts';
export { createSmtpIntake, type IntakeAddresses, type SmtpIntake, type SmtpIntakeOptions } from './intake.ts';
export type { Reply } from './replies.ts';
export type { IntakeLimits } from './settings.ts';
