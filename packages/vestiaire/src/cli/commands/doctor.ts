// `vestiaire doctor`: whether a store, and the cookie, are fit for sessions; and what to do where they are not.

import { parseArgs } from "node:util";
import { type Finding, finding } from "../../core/inspection.ts";
import { inspect as memcached } from "../../stores/memcached/inspect.ts";
import { inspect as mongodb } from "../../stores/mongodb/inspect.ts";
import { inspect as mysql } from "../../stores/mysql/inspect.ts";
import { type Engine, placeOf } from "../../stores/open/place.ts";
import { inspect as postgres } from "../../stores/postgres/inspect.ts";
import { inspect as redis } from "../../stores/redis/inspect.ts";
import { type Command, checkArguments, messageOf, STORE_HELP, STORE_OPTIONS } from "../command.ts";
import { inspectCookie } from "../cookie.ts";
import { inspectDisk } from "../disk.ts";
import { measure, probe } from "../probe.ts";
import { storeUrl, withStore } from "../store.ts";
import { count } from "../terminal.ts";

type Inspector = (address: string) => Promise<readonly Finding[]>;

const INSPECTORS: Readonly<Partial<Record<Engine, Inspector>>> = {
  file: inspectDisk,
  sqlite: inspectDisk,
  redis,
  postgres,
  mysql,
  memcached,
  mongodb,
};

export const doctor: Command = {
  summary: "find what is wrong with a store",
  help: `vestiaire doctor [--store URL] [--cookie SETTINGS] [--json]

Connects, measures how long an answer takes, lets the store keep, change and end one session of its own, and looks at the
settings of the engine on which its promises rest. Says what is wrong and what to do; answers 1 when something is.

  --cookie name=session,secure,sameSite=Lax,path=/,domain=example.org
                 looks at these settings of the cookie too; any of them may be left out
${STORE_HELP.replace("one object for each line", "one object")}`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...STORE_OPTIONS, cookie: { type: "string" } },
    });
    checkArguments(positionals, []);
    const { cookie, json } = values;
    const url = storeUrl(values.store);
    const findings: Finding[] = [];
    const add = (found: Finding) => {
      findings.push(found);
      if (!json) terminal.print(`${found.verdict.padEnd(8)} ${found.check.padEnd(12)} ${found.message}`);
    };
    if (cookie !== undefined) for (const found of inspectCookie(cookie)) add(found);
    await examine(url, add);
    const wrong = findings.filter(({ verdict }) => verdict === "problem").length;
    if (json) terminal.print(JSON.stringify({ healthy: wrong === 0, findings }));
    else terminal.print(wrong === 0 ? "Nothing is wrong." : `${count(wrong, "problem")}.`);
    return wrong === 0 ? 0 : 1;
  },
};

/** A store that cannot be reached is not looked at further. */
async function examine(url: string, add: (found: Finding) => void): Promise<void> {
  const { engine, address } = placeOf(url);
  try {
    await withStore(url, async (opened) => {
      add(await measure(opened));
      add(await probe(opened));
    });
  } catch (error) {
    add(finding("problem", "reach", messageOf(error)));
    return;
  }
  try {
    for (const found of (await INSPECTORS[engine]?.(address)) ?? []) add(found);
  } catch (error) {
    add(finding("warning", "settings", `The engine's settings cannot be looked at: ${messageOf(error)}`));
  }
}
