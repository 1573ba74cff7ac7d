// Hono with Vestiaire on its SQLite store.

import { sqliteStore } from "../../packages/vestiaire/src/stores/sqlite.ts";
import { folder } from "./serve.ts";
import { serveVestiaire } from "./vestiaire-app.ts";

serveVestiaire(sqliteStore(`${folder}/sessions.db`));
