// Hono with Vestiaire on its PostgreSQL store.

import { postgresStore } from "../../packages/vestiaire/src/stores/postgres.ts";
import { engine } from "./serve.ts";
import { serveVestiaire } from "./vestiaire-app.ts";

serveVestiaire(postgresStore(engine));
