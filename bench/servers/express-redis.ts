// Express with express-session and connect-redis.

import { RedisStore } from "connect-redis";
import { createClient } from "redis";
import { serveExpressSession } from "./express-app.ts";
import { engine, prefix } from "./serve.ts";

const client = await createClient({ url: engine }).connect();

serveExpressSession(new RedisStore({ client, prefix: `${prefix}express:` }));
