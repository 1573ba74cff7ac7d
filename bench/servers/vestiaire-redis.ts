// Hono with Vestiaire on its Redis store.

import { redisStore } from "../../packages/vestiaire/src/stores/redis.ts";
import { engine, prefix } from "./serve.ts";
import { serveVestiaire } from "./vestiaire-app.ts";

serveVestiaire(redisStore(engine, { prefix: `${prefix}vestiaire:` }));
