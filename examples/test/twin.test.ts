// The login app's twins against the original, one for each framework. Nitro's has its own package, and its test there.

import { testTwin } from "./twin.ts";

/** The folders, one for each framework. */
const FRAMEWORKS = ["elysia", "express", "fastify", "h3", "hono", "koa", "node", "react-router"];

for (const framework of FRAMEWORKS) testTwin(framework);
