#!/usr/bin/env node
// Sources run as they are: the compile cache makes the second start as fast as built code.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
