// Hono with Vestiaire on its Redis store, behind `cached`. Redis tells it of every change, its own included.

import { cached } from "../../packages/vestiaire/src/stores/cached.ts";
import { redisStore } from "../../packages/vestiaire/src/stores/redis.ts";
import { engine, prefix } from "./serve.ts";
import { serveVestiaire } from "./vestiaire-app.ts";

serveVestiaire(cached(redisStore(engine, { prefix: `${prefix}cached:` }), { staleness: "5s" }));
