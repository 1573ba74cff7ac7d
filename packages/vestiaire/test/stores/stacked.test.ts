// The wrappers around each other: each is a store, so each may be put around any other, in any order.

import { cached } from "../../src/stores/cached.ts";
import { encrypted } from "../../src/stores/encrypted.ts";
import { observed } from "../../src/stores/observed.ts";
import { testWrapped } from "./wrapped.ts";

const keys = { current: "2026", keys: { "2026": new Uint8Array(32).fill(7) } };
const bound = { staleness: "1h" } as const;

testWrapped("encrypted, then cached, then observed", (store) =>
  observed(cached(encrypted(store, keys), bound)),
);
testWrapped("observed, then cached, then encrypted", (store) =>
  encrypted(cached(observed(store), bound), keys),
);
