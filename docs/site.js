// Makes the API reference from the doc comments, and serves the site (`npm run docs`) or builds it (`npm run docs:build`).
// Each works as the very first command after a clone. Plain JavaScript: it runs on whatever Node the machine has.
import { packageAt } from "../scripts/own-package.js";

const run = packageAt("docs", "what builds the site, about ten seconds");
run("tsc", ["--project", ".vitepress"]);
run("typedoc", []);
run("vitepress", process.argv.slice(2));
