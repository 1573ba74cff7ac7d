import { memoryStore } from "vestiaire";

export const store = memoryStore({ maxSessions: 10_000 });
