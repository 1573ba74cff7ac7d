// One OpenID Connect provider as its client sees it: asks it who somebody is, and believes an answer only once everything
// in it was verified. openid-client does the protocol; tokens go no further than this file.

import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { ProviderSettings } from "../settings-providers.ts";
import { Refusal } from "./refusal.ts";

/** Seconds. People are waiting. */
const TIMEOUT = 5;

/** What ties an answer to its request. Each is random, and kept in the session until then. */
export interface RequestSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who somebody is at their provider. Only issuer and subject identify. */
export interface VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** What they are called there; empty when the provider did not say. */
  readonly name: string;
  /** When they last proved it there, milliseconds since 1970; `null` when the provider did not say. */
  readonly authenticatedAt: number | null;
}

export class ProviderClient {
  readonly settings: ProviderSettings;
  #configuration: Promise<Configuration> | null = null;

  constructor(settings: ProviderSettings) {
    this.settings = settings;
  }

  /**
   * A new request: where to send the browser, and what to check the answer against. `again` asks the provider to have
   * the person prove who they are even if it knows them. Throws {@link Refusal} when the provider is out of reach.
   */
  async request(
    redirectUri: string,
    { again }: { again: boolean },
  ): Promise<{ url: URL; secrets: RequestSecrets }> {
    const configuration = await this.#discovered();
    const secrets = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      // No e-mail address: nobody is recognised by it, so it is not asked for.
      scope: "openid profile",
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await calculatePKCECodeChallenge(secrets.verifier),
      code_challenge_method: "S256",
      ...(again && { prompt: "login", max_age: "0" }),
    });
    return { url, secrets };
  }

  /**
   * Whom an answer is about. Throws {@link Refusal} for one that does not belong to the request, does not come from this
   * provider or says no, and when the provider is out of reach.
   */
  async verify(answer: URL, { state, nonce, verifier }: RequestSecrets): Promise<VerifiedIdentity> {
    const configuration = await this.#discovered();
    try {
      const checks = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      };
      const tokens = await authorizationCodeGrant(configuration, answer, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("no ID token");
      return {
        issuer: claims.iss,
        subject: claims.sub,
        name: calledThere(claims),
        authenticatedAt: claims.auth_time === undefined ? null : claims.auth_time * 1_000,
      };
    } catch (error) {
      if (error instanceof AuthorizationResponseError && error.error === "access_denied")
        throw new Refusal("cancelled", error.error);
      throw new Refusal("unverified", explain(error));
    }
  }

  /** What the provider says of itself. Asked when first needed, and again as long as there was no answer. */
  #discovered(): Promise<Configuration> {
    this.#configuration ??= discover(this.settings).catch((error: unknown) => {
      this.#configuration = null;
      throw new Refusal("unavailable", explain(error));
    });
    return this.#configuration;
  }
}

function discover({ issuer, clientId, clientSecret }: ProviderSettings): Promise<Configuration> {
  // The settings take plain HTTP on this machine only.
  const insecure = issuer.protocol === "http:" ? [allowInsecureRequests] : [];
  return discovery(issuer, clientId, undefined, authentication(clientSecret), {
    timeout: TIMEOUT,
    // The specification lets a client trust the connection instead of the ID token's signature. We check both.
    execute: [...insecure, enableNonRepudiationChecks],
  });
}

/** Only for people to read, and no longer than a line. */
function calledThere({ name, preferred_username }: IDToken): string {
  const found = [name, preferred_username].find((claim) => typeof claim === "string") ?? "";
  return found.slice(0, 100);
}

/** How we prove who we are: in the form where the provider says that it takes that, else in the header, as by default. */
function authentication(clientSecret: string): ClientAuth {
  const [post, basic] = [ClientSecretPost(clientSecret), ClientSecretBasic(clientSecret)];
  return (server, ...request) => {
    const inForm = server.token_endpoint_auth_methods_supported?.includes("client_secret_post");
    return (inForm ? post : basic)(server, ...request);
  };
}

/** What went wrong, for the audit log. The library's messages are fixed texts; what they are about may be a secret. */
function explain(error: unknown): string {
  if (error instanceof AuthorizationResponseError) return error.error;
  if (!(error instanceof Error)) return "unknown";
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
