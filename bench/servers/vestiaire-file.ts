// Hono with Vestiaire on its file store.

import { fileStore } from "../../packages/vestiaire/src/stores/file/index.ts";
import { folder } from "./serve.ts";
import { serveVestiaire } from "./vestiaire-app.ts";

serveVestiaire(fileStore(`${folder}/sessions`));
