#!/usr/bin/env node
import { ensureBuilt, ensureInstalled, isClone, requireNode } from './setup.js';

requireNode();
if (isClone) {
  ensureInstalled();
  ensureBuilt();
}
const { main } = await import('../dist/harness/cli/main.js');
await main(process.argv.slice(2));
