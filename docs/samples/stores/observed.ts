import { observed } from "vestiaire/observed";
import { sqliteStore } from "vestiaire/sqlite";

export const store = observed(sqliteStore("./sessions.db"), { name: "sqlite" });
