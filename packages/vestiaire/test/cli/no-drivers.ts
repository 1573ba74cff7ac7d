// Loaded before a program, makes its Node.js find no package at all.

import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (!/^(?:\.|\/|node:|file:|vestiaire)/.test(specifier)) throw new Error(`${specifier} is not installed`);
    return next(specifier, context);
  },
});
