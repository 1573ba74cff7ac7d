// Real OpenID Connect providers for the tests: two of oidc-provider, each on a port of its own, and the application that
// knows them. Whoever comes to one says in a form who they are, and is believed.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import Provider, { type ClientAuthMethod } from "oidc-provider";
import { type Application, startApplication } from "../support/application.ts";
import { type Answer, Browser } from "../support/browser.ts";

/** Who goes to a provider under this name presses its "no". */
export const NOBODY = "nobody";

const CLIENT = { client_id: "registrations", client_secret: "known to both sides only" };

/** The application, and two providers that it knows. */
export interface Place {
  readonly application: Application;
  readonly google: string;
  readonly school: string;
}

/** Starts two providers, `google` and `school`, and the application. They want our secret in different ways. */
export async function startWithProviders(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
): Promise<Place> {
  // oidc-provider has much to say about what a provider should be in production.
  for (const method of ["info", "warn"] as const) t.mock.method(console, method, () => {});
  const [google, school] = [await listen(t), await listen(t)];
  const application = await startApplication(t, {
    OIDC_PROVIDERS: "google,school",
    ...settingsOf("google", google.issuer),
    ...settingsOf("school", school.issuer),
    ...environment,
  });
  await serve(google, `${application.url}/providers/google/callback`, "client_secret_post");
  await serve(school, `${application.url}/providers/school/callback`, "client_secret_basic");
  return { application, google: google.issuer, school: school.issuer };
}

/** The variables that tell the application of a provider. */
export function settingsOf(name: string, issuer: string): Record<string, string> {
  const prefix = `OIDC_${name.toUpperCase()}`;
  return {
    [`${prefix}_ISSUER`]: issuer,
    [`${prefix}_CLIENT_ID`]: CLIENT.client_id,
    [`${prefix}_CLIENT_SECRET`]: CLIENT.client_secret,
    [`${prefix}_LABEL`]: name === "google" ? "Google" : "School",
  };
}

interface Listening {
  readonly server: Server;
  readonly issuer: string;
}

/** A server that answers nothing yet: a provider and its client need each other's address. Not `localhost`: another site. */
export async function listen(t: Pick<TestContext, "after">): Promise<Listening> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  return { server, issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function serve(
  { server, issuer }: Listening,
  redirectUri: string,
  method: ClientAuthMethod,
): Promise<void> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [redirectUri], token_endpoint_auth_method: method }],
    clientAuthMethods: [method],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig" }] },
    cookies: { keys: ["for tests"] },
    claims: { profile: ["name", "email", "email_verified"] },
    // As Google does: what it knows of people is in the ID token.
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} of the web`, email: `${id}@example.org`, email_verified: true }),
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: CLIENT.client_id,
        ...(oidc.session?.accountId && { accountId: oidc.session.accountId }),
      });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    const inHeader = request.headers.authorization?.startsWith("Basic ") ?? false;
    // oidc-provider itself is not that strict.
    if (request.url === "/token" && inHeader !== (method === "client_secret_basic"))
      response.writeHead(401).end();
    else if (request.url?.startsWith("/interaction/")) interact(provider, request, response);
    else answer(request, response);
  });
}

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    response.end(
      '<form method="post"><label>Who? <input name="login"></label><button>Sign in</button></form>',
    );
    return;
  }
  const login = new URLSearchParams(await text(request)).get("login") ?? NOBODY;
  const result = login === NOBODY ? { error: "access_denied" } : { login: { accountId: login } };
  await provider.interactionFinished(request, response, result);
}

/** The address at the provider to which the page after a press on a button leads. */
export function destination({ body }: Answer): URL {
  const [, url = ""] = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(body) ?? [];
  return new URL(url.replaceAll("&amp;", "&"));
}

/** Goes there, says who one is, and answers where the provider sends the browser back to: not gone to yet. */
export async function identify(url: URL, login: string, there = new Browser(url.origin)): Promise<URL> {
  let at = url;
  while (at.origin === url.origin) {
    const seen = await there.get(at.href);
    const { headers } = seen.status === 200 ? await there.post(at.href, { login }) : seen;
    at = new URL(headers.location ?? "", at);
  }
  return at;
}

/** Presses a provider's button, identifies there, and comes back: the application's answer. */
export async function pass(
  browser: Browser,
  provider: string,
  login: string,
  fields: Readonly<Record<string, string>> = { purpose: "sign-in", next: "/registrations" },
): Promise<Answer> {
  const back = await identify(destination(await browser.post(`/providers/${provider}`, fields)), login);
  return browser.get(back.href);
}

/** A browser in which somebody has just signed up by a provider. */
export async function joined(
  { application }: Place,
  provider: string,
  login: string,
  name: string,
): Promise<Browser> {
  const browser = application.browser();
  await pass(browser, provider, login);
  const { status } = await browser.post("/providers/choose-name", { name });
  if (status !== 303) throw new Error(`Choosing the name ${name} answered ${status}.`);
  return browser;
}
