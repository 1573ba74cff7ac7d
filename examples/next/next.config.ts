// How the login app is built.

import { join } from "node:path";
import type { NextConfig } from "next";

const config: NextConfig = {
  // An installed library is then loaded by Node.js, not bundled: drivers are optional, and errors have names.
  serverExternalPackages: ["vestiaire"],
  // The library lies beside this folder, in this repository. Yours comes from node_modules.
  turbopack: { root: join(import.meta.dirname, "../..") },
};

export default config;
