// Express with express-session in memory.

import { serveExpressSession } from "./express-app.ts";

serveExpressSession();
