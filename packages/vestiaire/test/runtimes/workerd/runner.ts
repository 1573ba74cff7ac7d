// The worker that runs the tests inside workerd. One socket is the runner's; the others are for the servers under test.

// Here the library is loaded as every worker loads it: where workerd allows neither timers nor random values.
import "../../../src/index.ts";
import "../../../src/adapters/fetch.ts";
import "../../../src/adapters/hono.ts";
import { runTest, testNames } from "./node-test.ts";
import { answer, listenOn } from "./serve.ts";

/** The test files make random values as they load, so they load within a request. */
async function load(core: readonly string[]): Promise<void> {
  for (const name of core) await import(`../../core/${name}.test.ts`);
  await import("../../stores/memory.test.ts");
  await import("../../adapters/fetch.test.ts");
  await import("../../adapters/hono.test.ts");
}

/** `PUT`, once, loads the tests and lists them; `POST` runs one of them, each in a request of its own. */
export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === "PUT") {
      const { core } = (await request.json()) as { core: string[] };
      await load(core);
      return Response.json(testNames());
    }
    const { place, ports } = (await request.json()) as { place: number; ports: number[] };
    listenOn(ports);
    return Response.json(await runTest(place));
  },
};

const serverAt = (place: number) => ({ fetch: (request: Request) => answer(place, request) });
export const server0 = serverAt(0);
export const server1 = serverAt(1);
export const server2 = serverAt(2);
export const server3 = serverAt(3);
