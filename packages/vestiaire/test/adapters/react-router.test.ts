// The React Router middleware under the contract.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { adapterContract, checkAdapterCase } from "../../src/testing/adapter-contract.ts";
import { serveReactRouter } from "./serve-react-router.ts";

/** React Router answers for whoever has left, while the handler still runs. What that does then is lost. */
const ABANDONED = "nor does one that went away before the handler had answered";

describe("react-router", () => {
  for (const each of adapterContract) {
    const check = () => checkAdapterCase(each, serveReactRouter, { knowsPeer: false });
    if (each.name === ABANDONED)
      test(`does not keep: ${each.name}`, () => assert.rejects(check, { code: "ERR_ASSERTION" }));
    else
      test(each.name, async (t) => {
        const missing = await check();
        if (missing !== null) t.skip(`without ${missing}`);
      });
  }
});
