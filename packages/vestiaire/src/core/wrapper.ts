// What the stores around another store share: they have the optional methods that it has, no more and no fewer.

import type { SessionStore } from "./store.ts";

type OptionalMethods = Pick<SessionStore, "list" | "sweep" | "watch" | "invalidations" | "close">;

/** Those of the optional methods that the store has, to be called without it. */
export function optionalMethods(store: SessionStore): OptionalMethods {
  const { list, sweep, watch, invalidations, close } = store;
  return {
    ...(list && { list: list.bind(store) }),
    ...(sweep && { sweep: sweep.bind(store) }),
    ...(watch && { watch: watch.bind(store) }),
    ...(invalidations && { invalidations: invalidations.bind(store) }),
    ...(close && { close: close.bind(store) }),
  };
}
