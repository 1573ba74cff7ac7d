import { openStore } from "vestiaire/open";

export const store = await openStore(process.env.SESSION_STORE ?? "file:./sessions");
