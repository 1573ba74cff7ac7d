// Starts the built login app where it is run, as `next start` does.

import { next, root } from "./build.ts";

process.env.NEXT_TELEMETRY_DISABLED = "1";
process.argv.splice(2, 0, "start", root);
await import(next);
