// React Router without its bundler, and the scenarios of the adapter contract on it.

import { createServer } from "node:http";
import { createRequestListener } from "@react-router/node";
import type { ServerBuild } from "react-router";
import { session } from "../../src/adapters/react-router.ts";
import type { ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";
import { listening, webResponse } from "./serve.ts";

export type Module = NonNullable<ServerBuild["routes"][string]>["module"];

/** What the bundler makes of a root route, and of the routes below it by their paths. */
export function buildOf(
  root: Partial<Module>,
  routes: Readonly<Record<string, Partial<Module>>>,
  entry: Partial<ServerBuild["entry"]["module"]> = {},
): ServerBuild {
  const below = Object.entries(routes).map(([path, module]) => [
    path,
    { id: path, path, parentId: "root", module },
  ]);
  const render = (_request: Request, status: number, headers: Headers) =>
    new Response("page", { status, headers });
  return {
    entry: { module: { default: render, handleError() {}, ...entry } },
    routes: { root: { id: "root", path: "", module: root }, ...Object.fromEntries(below) },
    assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "1" },
    future: {},
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: "lazy", manifestPath: "/__manifest" },
    publicPath: "/",
    assetsBuildDirectory: "",
  };
}

export const serveReactRouter: ServeScenario = (manager, scenario) => {
  const visits = session<TrialData>(manager);
  const answer: Module["loader"] = async ({ request, context }) => {
    const { method, url } = request;
    return webResponse(await scenario(visits.of(context), { method, path: new URL(url).pathname }));
  };
  const handlers = { loader: answer, action: answer } as Partial<Module>;
  // A splat does not take "/".
  const build = buildOf({ middleware: [visits], ...handlers }, { "*": handlers });
  return listening(createServer(createRequestListener({ build })));
};
