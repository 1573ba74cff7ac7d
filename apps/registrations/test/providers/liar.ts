// A provider that answers whatever a test wants: another nonce, another audience, another key. Apart from that it does
// what a real one does, so that what is refused is refused for the lie.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type Application, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { destination, listen, settingsOf } from "./provider.ts";

/** What the next answer is like. `claims` go over those of an honest ID token; an `undefined` one goes away. */
export interface Lie {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Instead of the provider's own key: one that it does not publish, or none at all. */
  readonly signedWith?: "another key" | "nothing";
  readonly withoutIdToken?: boolean;
  /** Beside `code` and `state`; an `undefined` one goes away. */
  readonly parameters?: Readonly<Record<string, string | undefined>>;
}

/** The application with one provider, `school`, that lies. */
export interface LiarsPlace {
  readonly application: Application;
  readonly issuer: string;
  /** Asks for `purpose`, and answers where the liar sends the browser back to. */
  answer(browser: Browser, lie?: Lie, purpose?: string): Promise<string>;
}

const IN_A_MINUTE = 60;

export async function startWithLiar(
  t: Pick<TestContext, "after">,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<LiarsPlace> {
  const { server, issuer } = await listen(t);
  const [key, anotherKey] = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
  const jwks = { keys: [{ ...(await exportJWK(key.publicKey)), kid: "1", alg: "RS256", use: "sig" }] };
  let tokens: Record<string, unknown> = {};
  const documents: Record<string, () => unknown> = {
    "/.well-known/openid-configuration": () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256", "none"],
      ...metadata,
    }),
    "/token": () => tokens,
    "/jwks": () => jwks,
  };
  server.on("request", ({ url = "" }: IncomingMessage, response: ServerResponse) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(documents[url]?.()));
  });

  async function idToken(nonce: string | null, { claims, signedWith }: Lie): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const honest = { iss: issuer, sub: "ada", aud: "registrations", nonce, iat: now, exp: now + IN_A_MINUTE };
    const payload: JWTPayload = JSON.parse(JSON.stringify({ ...honest, ...claims }));
    const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
    if (signedWith === "nothing") return `${encoded({ alg: "none" })}.${encoded(payload)}.`;
    const signer = signedWith === "another key" ? anotherKey : key;
    return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: "1" }).sign(signer.privateKey);
  }

  const application = await startApplication(t, {
    OIDC_PROVIDERS: "school",
    ...settingsOf("school", issuer),
  });
  return {
    application,
    issuer,
    async answer(browser, lie = {}, purpose = "sign-in") {
      const path = purpose === "link" ? "/providers/school/link" : "/providers/school";
      const asked = destination(await browser.post(path, { purpose })).searchParams;
      tokens = {
        access_token: "a secret of the liar's",
        token_type: "Bearer",
        ...(!lie.withoutIdToken && { id_token: await idToken(asked.get("nonce"), lie) }),
      };
      const back = { code: "1", state: asked.get("state") ?? "", ...lie.parameters };
      const query = new URLSearchParams(JSON.parse(JSON.stringify(back)));
      return `/providers/school/callback?${query}`;
    },
  };
}
