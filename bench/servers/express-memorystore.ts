// Express with express-session and memorystore.

import session from "express-session";
import memoryStoreFor from "memorystore";
import { serveExpressSession } from "./express-app.ts";

const MemoryStore = memoryStoreFor(session);

serveExpressSession(new MemoryStore({ checkPeriod: 86_400_000 }));
