// `npm run example -- hono`: starts the login app on one of its frameworks.

import { readdirSync } from "node:fs";

const folder = new URL("../examples/", import.meta.url);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(new URL(`${entry.name}/`, folder)).includes("app.ts"))
  .map((entry) => entry.name);

const [name = ""] = process.argv.slice(2);
if (!names.includes(name)) {
  if (name) console.error(`${JSON.stringify(name)} is not one of the examples that start this way.`);
  console.error(`Which example? npm run example -- ${names.join(" | ")}`);
  console.error(
    "Next.js and Nitro bring builders: docs/frameworks/next.md and nitro.md say how to start theirs.",
  );
  process.exit(1);
}
await import(new URL(`${name}/app.ts`, folder).href);
