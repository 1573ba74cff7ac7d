// The table: what it is made of, how it comes to be on first use, and how to make it by hand.

import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { ConfigurationError } from "../../core/errors.ts";
import { type Connection, isNamed } from "./connection.ts";

export const DEFAULT_TABLE = "vestiaire-sessions";

const LOOK_EVERY = 100;
const LOOKS = 600;

/**
 * The commands of the AWS CLI that make the table of a store with this `table` option, for those who do not let a server
 * do it. Throws `ConfigurationError` for a name that cannot be one.
 */
export function schema(table: string = DEFAULT_TABLE): string {
  const name = checkedName(table);
  return `aws dynamodb create-table --table-name ${name} --billing-mode PAY_PER_REQUEST \\
  --attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S \\
  --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE
aws dynamodb wait table-exists --table-name ${name}
aws dynamodb update-time-to-live --table-name ${name} \\
  --time-to-live-specification Enabled=true,AttributeName=ttl
`;
}

/** Throws `ConfigurationError` for what DynamoDB would not take for the name of a table. */
export function checkedName(table: string): string {
  if (/^[\w.-]{3,255}$/.test(table)) return table;
  throw new ConfigurationError(`"${table}" is not the name of a DynamoDB table.`);
}

/** Makes the table, unless another process is making it, and waits until it can be used: for a minute at most. */
export async function makeTable(connection: Connection, table: string): Promise<void> {
  const { sdk, client } = connection;
  try {
    await client.send(new sdk.CreateTableCommand({ ...definition(), TableName: table }));
  } catch (error) {
    if (!isNamed(error, "ResourceInUseException")) throw error;
  }
  for (let look = 0; !(await isActive(connection, table)); look += 1) {
    if (look === LOOKS) throw new Error(`The table ${table} was not ready after a minute.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  try {
    const TimeToLiveSpecification = { AttributeName: "ttl", Enabled: true };
    await client.send(new sdk.UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  } catch (error) {
    // Another process was faster; or this is an emulator, and does not know of it.
    if (!isNamed(error, "ValidationException", "UnknownOperationException")) throw error;
  }
}

function definition() {
  return {
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
  } as const satisfies Partial<CreateTableCommandInput>;
}

async function isActive({ sdk, client }: Connection, table: string): Promise<boolean> {
  try {
    const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName: table }));
    return Table?.TableStatus === "ACTIVE";
  } catch (error) {
    // What was made a moment ago may not be known everywhere yet.
    if (isNamed(error, "ResourceNotFoundException")) return false;
    throw error;
  }
}
