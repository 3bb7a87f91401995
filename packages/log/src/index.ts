export { createMailEvents, type MailEvents } from './events.ts';
export { createLog, silentLog, type Log, type LogFields, type LogLevel, type LogOptions } from './log.ts';
