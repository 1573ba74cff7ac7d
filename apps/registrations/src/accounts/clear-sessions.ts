// What is left to do when all sign-ins of a person were ended: their sessions are worth nothing from then on, whatever the
// store does; here they also go from it, and from the list of devices.

import { StoreError } from "vestiaire";
import type { Services } from "../services.ts";
import type { AppContext } from "../web/visit.ts";

/** Removes the person's sessions from the store, but for this request's. What the store cannot do is logged, no more. */
export async function clearOtherSessions({ log, sessions }: Services, c: AppContext, personId: string) {
  try {
    await sessions.endAllOf(personId, { except: c.var.session });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.warn({ requestId: c.var.requestId, err: error }, "ended sessions are still in the store");
  }
}
