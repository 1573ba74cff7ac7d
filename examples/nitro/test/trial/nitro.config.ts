// An application for the tests: its own error handler, and a route that is cached by a rule.

import { defineConfig } from "nitro";

export default defineConfig({
  serverDir: "./server",
  exportConditions: ["source"],
  errorHandler: "./server/error-handler.ts",
  routeRules: { "/cached-by-rule": { cache: { maxAge: 60 } } },
});
