// Hono with Vestiaire on its memory store.

import { memoryStore } from "../../packages/vestiaire/src/index.ts";
import { serveVestiaire } from "./vestiaire-app.ts";

serveVestiaire(memoryStore());
