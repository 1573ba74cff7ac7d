// The sessions of the login app: the middleware, and the way to a request's session.

import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/h3";

interface Visitor {
  name: string;
}

export const visits = session<Visitor>({ store: fileStore("./sessions") });
