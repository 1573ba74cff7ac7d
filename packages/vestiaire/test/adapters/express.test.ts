// The Express adapter keeps the adapter contract on both versions, also with compression. What only Express has is
// promised in a file beside this one.

import compression from "compression";
import { testAdapter } from "../../src/testing/adapter-contract.ts";
import { testCompressed } from "./compressed.ts";
import { serveExpress, VERSIONS } from "./serve-express.ts";

const compress = compression({ threshold: 0 });

for (const [version, express] of VERSIONS) {
  testAdapter(version, serveExpress(express));
  testCompressed(
    `${version} with compression around the session`,
    serveExpress(express, { before: [compress] }),
  );
  testCompressed(
    `${version} with the session around compression`,
    serveExpress(express, { after: [compress] }),
  );
}
