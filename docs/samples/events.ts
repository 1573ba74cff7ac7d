// #region events
import { createSessions, memoryStore, type SessionEvent } from "vestiaire";

export const log: SessionEvent[] = [];

export const sessions = createSessions({
  store: memoryStore(),
  onEvent(event) {
    // Ids and user ids are in it, and no secret: it may be logged as it is.
    log.push(event);
    if (event.type === "reused") console.warn(`an old cookie of session ${event.id} was presented`);
    if (event.type === "storeFailed") console.error(event.error);
  },
});
// #endregion events
