#!/usr/bin/env node
// The program `vestiaire`: for the people who run servers with sessions, and for their scripts.

import { run } from "./run.ts";
import { processTerminal } from "./terminal.ts";

process.exitCode = await run(process.argv.slice(2), processTerminal());
// A driver that cannot let go of a server that does not answer is no reason to stay.
setTimeout(() => process.exit(), 1_000).unref();
