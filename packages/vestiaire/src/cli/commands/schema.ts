// `vestiaire schema`: what an engine must have before the first session, for those who do not let a server create it.

import { parseArgs } from "node:util";
import { schema as dynamodb } from "../../stores/dynamodb.ts";
import { schema as mongodb } from "../../stores/mongodb.ts";
import { schema as mysql } from "../../stores/mysql.ts";
import { ENGINES, type Engine } from "../../stores/open/place.ts";
import { schema as postgres } from "../../stores/postgres.ts";
import { type Command, checkArguments, UsageError } from "../command.ts";

const SCHEMAS: Readonly<Partial<Record<Engine, (name?: string) => string>>> = {
  postgres,
  mysql,
  dynamodb,
  mongodb,
};

export const schema: Command = {
  summary: "print what creates an engine's tables",
  help: `vestiaire schema ENGINE [--table NAME]

Prints what the store would create when it is first used: SQL for postgres and mysql, commands of the AWS CLI for dynamodb
and of mongosh for mongodb. The other engines (memory, file, sqlite, redis, memcached) need nothing.

  --table NAME   for a table or collection of another name, as after the # of a store's URL`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { table: { type: "string" } },
    });
    checkArguments(positionals, ["ENGINE"]);
    const engine = ENGINES.find((name) => name === positionals[0]);
    if (engine === undefined) throw new UsageError(`Which engine? One of ${ENGINES.join(", ")}.`);
    const print = SCHEMAS[engine];
    if (print === undefined) terminal.note(`There is nothing to create for ${engine}.`);
    else terminal.print(print(values.table).trimEnd());
    return 0;
  },
};
