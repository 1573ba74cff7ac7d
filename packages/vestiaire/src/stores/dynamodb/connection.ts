// How the store comes to the SDK and to a client of it. Nothing is imported before it is needed.

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ConfigurationError } from "../../core/errors.ts";

type Sdk = typeof import("@aws-sdk/client-dynamodb");

/** The SDK, a client of it, and the way to let go of that. */
export interface Connection {
  readonly sdk: Sdk;
  readonly client: DynamoDBClient;
  close(): void;
}

/** Where the table is. */
interface Place {
  readonly region: string;
  readonly endpoint: string | null;
  /** Empty when the URL names none. */
  readonly table: string;
}

/** Milliseconds: longer than the manager's deadline, which learns more from a call that does not answer. */
const PATIENCE = 3_000;

/** What `dynamodb://REGION/TABLE?endpoint=URL` names. Throws `ConfigurationError` when it is not that. */
export function placeIn(url: string): Place {
  const { protocol, hostname, pathname, searchParams } = URL.parse(url) ?? {};
  const unknown = [...(searchParams?.keys() ?? [])].some((name) => name !== "endpoint");
  if (protocol !== "dynamodb:" || !hostname || unknown) {
    throw new ConfigurationError("The URL is not dynamodb://REGION/TABLE, with or without ?endpoint=URL.");
  }
  const endpoint = searchParams?.get("endpoint") ?? null;
  if (endpoint !== null && !URL.canParse(endpoint)) {
    throw new ConfigurationError("The endpoint in the URL is no URL.");
  }
  return { region: hostname, endpoint, table: pathname?.slice(1) ?? "" };
}

/** By name: an error may come from another copy of the SDK. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** Throws `ConfigurationError` when the SDK is not installed. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-dynamodb");
  } catch (cause) {
    const problem =
      "dynamodbStore needs the package @aws-sdk/client-dynamodb: npm install @aws-sdk/client-dynamodb";
    throw new ConfigurationError(problem, { cause });
  }
}

/** A client of our own: it sends nothing twice, and gives up on an answer after 3 seconds. */
export async function connectTo(region: string, endpoint: string | null): Promise<Connection> {
  const sdk = await loadSdk();
  const client = new sdk.DynamoDBClient({
    region,
    ...(endpoint !== null && { endpoint }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: PATIENCE,
      requestTimeout: PATIENCE,
      throwOnRequestTimeout: true,
    },
  });
  return { sdk, client, close: () => client.destroy() };
}
