// Tests an example that is a package of its own: `node scripts/test-example.js nitro`.
import { packageAt } from "./own-package.js";

const [name] = process.argv.slice(2);
const run = packageAt(`examples/${name}`, `what the login app on ${name} needs`);
run("npm", ["test"]);
