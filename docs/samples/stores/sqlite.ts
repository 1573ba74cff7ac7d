import { sqliteStore } from "vestiaire/sqlite";

export const store = sqliteStore("./sessions.db", { durability: "power" });
