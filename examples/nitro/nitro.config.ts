// How the login app is built.

import { defineConfig } from "nitro";

export default defineConfig({
  serverDir: "./server",
  // The library from its source, as everywhere in this repository. Yours comes built.
  exportConditions: ["source"],
});
