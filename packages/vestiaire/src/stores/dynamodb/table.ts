// One table of DynamoDB, and the few operations that the store has for it. It is made when the first operation finds
// none; what the SDK calls an exception, and is only an answer, is an answer here.

import { setImmediate } from "node:timers/promises";
import type { AttributeValue, PutItemCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { type Connection, isNamed } from "./connection.ts";
import type { Item } from "./item.ts";
import { makeTable } from "./schema.ts";
import type { Update } from "./update.ts";

/** A condition on what is there, in an expression's terms. */
type Condition = Pick<
  PutItemCommandInput,
  "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

/** What an update came to. `found` is the item that did not meet the condition, where the server tells. */
export type Outcome = { readonly done: true } | { readonly done: false; readonly found: Item | undefined };

export class Table {
  readonly #name: string;
  readonly #connect: () => Promise<Connection>;
  #connection: Promise<Connection> | undefined;
  #making: Promise<void> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  /** `connect` is called once, when an operation needs it; again only if it failed. */
  constructor(name: string, connect: () => Promise<Connection>) {
    this.#name = name;
    this.#connect = connect;
  }

  async get(key: Item): Promise<Item | undefined> {
    const input = { TableName: this.#name, Key: key, ConsistentRead: true };
    const answer = await this.#run(({ sdk, client }) => client.send(new sdk.GetItemCommand(input)));
    return answer.Item;
  }

  /** Whether the condition held, if there is one. */
  async put(item: Item, condition: Condition = {}): Promise<boolean> {
    const input = { TableName: this.#name, Item: item, ...condition };
    const { done } = await this.#attempt(({ sdk, client }) => client.send(new sdk.PutItemCommand(input)));
    return done;
  }

  update(key: Item, update: Update): Promise<Outcome> {
    const input = {
      TableName: this.#name,
      Key: key,
      ...update,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    } as const;
    return this.#attempt(({ sdk, client }) => client.send(new sdk.UpdateItemCommand(input)));
  }

  /** The item as it was removed; `undefined` when there was none, or the condition did not hold. */
  async delete(key: Item, condition: Condition = {}): Promise<Item | undefined> {
    const input = { TableName: this.#name, Key: key, ReturnValues: "ALL_OLD", ...condition } as const;
    let removed: Item | undefined;
    await this.#attempt(async ({ sdk, client }) => {
      removed = (await client.send(new sdk.DeleteItemCommand(input))).Attributes;
    });
    return removed;
  }

  /** All items of a partition whose sort key begins so. */
  async query(partition: string, prefix: string): Promise<Item[]> {
    const input = {
      TableName: this.#name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :partition AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":partition": { S: partition }, ":prefix": { S: prefix } },
    };
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const page = { ...input, ExclusiveStartKey: from };
      const answer = await this.#run(({ sdk, client }) => client.send(new sdk.QueryCommand(page)));
      items.push(...(answer.Items ?? []));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  /** Looks at so many items of the table from `after` on, and answers those that pass the filter. */
  scan(
    limit: number,
    after: Item | undefined,
    filter: string,
    values: Record<string, AttributeValue>,
  ): Promise<ScanCommandOutput> {
    const input = {
      TableName: this.#name,
      ConsistentRead: true,
      Limit: limit,
      ExclusiveStartKey: after,
      FilterExpression: filter,
      ExpressionAttributeValues: values,
    };
    return this.#run(({ sdk, client }) => client.send(new sdk.ScanCommand(input)));
  }

  async close(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.allSettled(this.#underWay);
      // A call may go on with another.
      await setImmediate();
    }
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.close();
  }

  async #attempt(operation: (connection: Connection) => Promise<unknown>): Promise<Outcome> {
    try {
      await this.#run(operation);
      return { done: true };
    } catch (error) {
      if (!isNamed(error, "ConditionalCheckFailedException")) throw error;
      return { done: false, found: (error as { Item?: Item }).Item };
    }
  }

  async #run<T>(operation: (connection: Connection) => Promise<T>): Promise<T> {
    const answer = this.#operate(operation);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  async #operate<T>(operation: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#connected();
    try {
      return await operation(connection);
    } catch (error) {
      if (!isNamed(error, "ResourceNotFoundException")) throw error;
    }
    // Nothing was done yet: there was nothing to do it to.
    this.#making ??= makeTable(connection, this.#name).finally(() => {
      this.#making = undefined;
    });
    await this.#making;
    return operation(connection);
  }

  async #connected(): Promise<Connection> {
    this.#connection ??= this.#connect();
    try {
      return await this.#connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }
}
