// How the scenarios of the adapter contract are mounted in Fastify, and applications for what only Fastify has.

import { Readable } from "node:stream";
import type { TestContext } from "node:test";
import { constants } from "node:zlib";
import compress from "@fastify/compress";
import { type FastifyInstance, type FastifyPluginCallback, fastify } from "fastify";
import { type SessionPlugin, session } from "../../src/adapters/fastify.ts";
import type { Site } from "../../src/testing/adapter-cases-client.ts";
import type { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import type { ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";
import { certificate, listening } from "./serve.ts";
import { siteOf, visiting } from "./visiting.ts";

/** One route for everything, which answers with the scenario. */
function scenarioApp(...[sessions, scenario]: Parameters<ServeScenario>): FastifyPluginCallback {
  const visits = session<TrialData>(sessions);
  return (app, _options, done) => {
    app.register(visits);
    app.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    app.all("*", async (request, reply) => {
      const { method, url } = request;
      const path = url.split("?", 1)[0] ?? "";
      const { status = 200, headers = [], body = "" } = await scenario(visits.of(request), { method, path });
      reply.code(status);
      for (const [name, value] of Object.entries(Object.groupBy(headers, ([name]) => name))) {
        const values = value?.map(([, each]) => each) ?? [];
        reply.header(name, values.length === 1 ? values[0] : values);
      }
      // Fastify would add a charset to JSON otherwise.
      if (typeof body === "string") return reply.serializer(String).send(body);
      const stream = Readable.from(body, { objectMode: false });
      // Over HTTP/2 Fastify ends an answer whose stream failed as if it were whole.
      return stream.on("error", (error) => reply.raw.destroy(error));
    });
    done();
  };
}

export const serveFastify: ServeScenario = async (...of) => {
  const app = fastify();
  app.register(scenarioApp(...of));
  await app.ready();
  return listening(app.server);
};

export const serveFastifyCompressed: ServeScenario = async (...of) => {
  const app = fastify();
  // Pieces of a stream leave as they come.
  app.register(compress, { threshold: 0, zlibOptions: { flush: constants.Z_SYNC_FLUSH } });
  app.register(scenarioApp(...of));
  await app.ready();
  return listening(app.server);
};

export const serveFastifyHttp2: ServeScenario = async (...of) => {
  const app = fastify({ http2: true, https: certificate });
  app.register(scenarioApp(...of));
  await app.ready();
  return listening(app.server);
};

export type Visits = SessionPlugin<TrialData>;

/** An application under test: what it is spoken to through, and what is in its store. */
export interface Trial {
  readonly site: Site;
  readonly port: number;
  readonly store: TrialStore;
  /** The users of the stored sessions; `null` for each anonymous one. */
  users(): Promise<(string | null)[]>;
}

/** Starts an application that `build` puts together. It is closed after the test. */
export async function trialOf(
  t: TestContext,
  build: (app: FastifyInstance, visits: Visits) => void,
): Promise<Trial> {
  const { store, sessions } = visiting();
  const app = fastify();
  build(app, session(sessions));
  await app.ready();
  const server = await listening(app.server);
  return {
    site: await siteOf(t, sessions, server),
    port: server.port,
    store,
    users: async () => (await store.records(Date.now())).map(({ userId }) => userId),
  };
}

/** The same with sessions in all of it, and `POST /in` that signs in as ada. */
export function appOf(
  t: TestContext,
  routes: (app: FastifyInstance, visits: Visits) => void,
): Promise<Trial> {
  return trialOf(t, (app, visits) => {
    app.register(visits);
    app.post("/in", (request, reply) => {
      visits.of(request).signIn("ada");
      reply.redirect("/");
    });
    routes(app, visits);
  });
}
