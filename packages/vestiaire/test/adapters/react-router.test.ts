// The React Router middleware: the contract, and what only React Router has.

import { createServer } from "node:http";
import { createRequestListener } from "@react-router/node";
import type { ServerBuild } from "react-router";
import { session } from "../../src/adapters/react-router.ts";
import { type ServeScenario, type TrialData, testAdapter } from "../../src/testing/adapter-contract.ts";
import { listening, webResponse } from "./serve.ts";

type Modules = Record<string, ServerBuild["routes"][string]>;
type Module = NonNullable<Modules[string]>["module"];

/** What the bundler makes of a root route and of those below it. */
function buildOf(root: Partial<Module>, routes: Record<string, Partial<Module>>): ServerBuild {
  const route = (id: string, path: string, module: Partial<Module>, parentId?: string) => ({
    id,
    path,
    parentId,
    module: module as Module,
  });
  return {
    entry: {
      module: {
        default: (_request, status, headers) => new Response("a document", { status, headers }),
        handleError() {},
      },
    },
    routes: {
      root: route("root", "", root),
      ...Object.fromEntries(
        Object.entries(routes).map(([path, module]) => [path, route(path, path, module, "root")]),
      ),
    } as ServerBuild["routes"],
    assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "" },
    future: {},
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: "initial", manifestPath: "/__manifest" },
    publicPath: "/",
    assetsBuildDirectory: "",
  } as unknown as ServerBuild;
}

const serveReactRouter: ServeScenario = async (manager, scenario) => {
  const visits = session<TrialData>(manager);
  const answer: Module["loader"] = async ({ request, context }) => {
    const { method, url } = request;
    return webResponse(await scenario(visits.of(context), { method, path: new URL(url).pathname }));
  };
  const build = buildOf({ middleware: [visits] }, { "*": { loader: answer, action: answer } });
  return listening(createServer(createRequestListener({ build })));
};

testAdapter("react-router", serveReactRouter, { knowsPeer: false });
