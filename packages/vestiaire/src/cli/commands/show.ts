// `vestiaire show`: one live session, without what it holds unless that is asked for.

import { parseArgs } from "node:util";
import type { SessionRecord } from "../../core/record.ts";
import { type Command, checkArguments, Problem, STORE_HELP, STORE_OPTIONS } from "../command.ts";
import { bytes, summary, userIn } from "../record.ts";
import { idIn, storeUrl, withStore } from "../store.ts";
import { moment, quoted } from "../terminal.ts";

export const show: Command = {
  summary: "show one session",
  help: `vestiaire show ID [--store URL] [--values] [--json]

Shows a live session: whose it is, its times, and the names and sizes of its values.

  --values       also the values, which may be private, as the JSON text that is stored
${STORE_HELP}`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...STORE_OPTIONS, values: { type: "boolean", default: false } },
    });
    checkArguments(positionals, ["ID"]);
    const id = idIn(positionals[0] ?? "");
    return withStore(storeUrl(values.store), async (opened) => {
      const record = await opened.ask("find the session", (store, now) =>
        store.find(id, now, { fresh: true }),
      );
      if (record === null) throw new Problem(`There is no live session ${id}.`);
      const held = valuesOf(record, values.values);
      if (values.json) terminal.print(JSON.stringify({ ...summary(record), values: held }));
      else for (const text of linesFor(record, held)) terminal.print(text);
      return 0;
    });
  },
};

interface Value {
  readonly key: string;
  readonly bytes: number;
  /** The JSON text, where it was asked for. */
  readonly text?: string;
}

function valuesOf({ data }: SessionRecord, withTexts: boolean): Value[] {
  return Object.entries(data).map(([key, text]) => ({
    key: keyIn(key),
    bytes: bytes(text),
    ...(withTexts && { text }),
  }));
}

/** The key whose JSON text this is; the text itself where it is none. */
function keyIn(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function linesFor(record: SessionRecord, values: readonly Value[]): string[] {
  const { id, revision, persistent, createdAt, lastSeenAt, expiresAt, endsAt } = record;
  const fields = {
    id,
    user: userIn(record),
    created: moment(createdAt),
    "last seen": moment(lastSeenAt),
    expires: `${moment(expiresAt)}, at the latest ${moment(endsAt)}`,
    cookie: persistent ? "stays when the browser closes" : "goes when the browser closes",
    revision: String(revision),
    values: values.length === 0 ? "none" : "",
  };
  return [
    ...Object.entries(fields).map(([name, text]) => `${name.padEnd(10)} ${text}`.trimEnd()),
    ...values.map(
      ({ key, bytes, text }) => `  ${quoted(key)} (${bytes} bytes)${text === undefined ? "" : ` ${text}`}`,
    ),
  ];
}
