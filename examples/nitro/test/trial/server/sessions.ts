// The sessions of the trial.

import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/h3";

export const sessions = session<{ name: string }>({ store: fileStore("./sessions") });
