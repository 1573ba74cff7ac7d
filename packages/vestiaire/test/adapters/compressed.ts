// The adapter contract behind a middleware that compresses what leaves. Such a middleware adds to `Vary`, as it should,
// so what the contract says to caches word by word is said here with that in it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { adapterContract, checkAdapterCase, type ServeScenario } from "../../src/testing/adapter-contract.ts";
import { siteOf, visiting } from "./visiting.ts";

/** `except` begins the name of what cannot be promised there. */
export function testCompressed(name: string, serve: ServeScenario, except?: string): void {
  describe(name, () => {
    for (const adapterCase of adapterContract) {
      if (adapterCase.name.startsWith("R3 ") || adapterCase.name.startsWith(except ?? "\n")) continue;
      test(adapterCase.name, async () => assert.equal(await checkAdapterCase(adapterCase, serve), null));
    }

    test("what is compressed varies with the cookie too where the session was used", async (t) => {
      const { sessions } = visiting();
      const serving = serve(sessions, (session, { path }) => {
        if (path === "/in") session.signIn("ada");
        return { body: path === "/plain" ? "plain" : (session.userId ?? "nobody") };
      });
      const site = await siteOf(t, sessions, serving);
      for (const [path, body, ...varies] of [
        ["/in", "ada", "accept-encoding", "cookie"],
        ["/who", "nobody", "accept-encoding", "cookie"],
        ["/plain", "plain", "accept-encoding"],
      ] as const) {
        const reply = await site.send({ path });
        assert.deepEqual([reply.headers.get("content-encoding"), reply.body], ["gzip", body]);
        assert.deepEqual(reply.headers.get("vary")?.toLowerCase().split(", ").toSorted(), varies);
        const noStore = path === "/in" ? "no-store" : null;
        assert.equal(reply.headers.get("cache-control"), noStore);
      }
    });
  });
}
