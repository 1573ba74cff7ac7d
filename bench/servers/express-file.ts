// Express with express-session and session-file-store.

import session from "express-session";
import fileStoreFor from "session-file-store";
import { serveExpressSession } from "./express-app.ts";
import { folder } from "./serve.ts";

const FileStore = fileStoreFor(session);

serveExpressSession(new FileStore({ path: `${folder}/sessions`, logFn: () => {} }));
