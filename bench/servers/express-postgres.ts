// Express with express-session and connect-pg-simple.

import postgresStoreFor from "connect-pg-simple";
import session from "express-session";
import pg from "pg";
import { serveExpressSession } from "./express-app.ts";
import { engine } from "./serve.ts";

const PostgresStore = postgresStoreFor(session);
const pool = new pg.Pool({ connectionString: engine, max: 10 });

serveExpressSession(new PostgresStore({ pool, createTableIfMissing: true }));
