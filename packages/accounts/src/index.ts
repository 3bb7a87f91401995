export { createAccounts, type Accounts, type AccountsOptions, type Added, type NewAccount } from './accounts.ts';
export type { PathJudge, Upstreams } from './ask-paths.ts';
export type { GuessLimits } from './guess-brake.ts';
export type { Door, LogIn, LogInEvents, LogInRequest } from './log-in.ts';
