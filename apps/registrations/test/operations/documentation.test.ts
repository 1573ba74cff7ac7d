// The operators' page says what the settings are, and nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { settingsList } from "../../src/settings.ts";

test("the page for operators lists every setting as --help does", () => {
  const page = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
  const [, table = ""] = /^## Settings$(.*?)^## /ms.exec(page) ?? [];
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  const code = (text: string) => text && `\`${text}\``;
  assert.deepEqual(
    rows,
    settingsList.map(
      ({ name, fallback, what }) => `| ${code(name)} | ${code(fallback)} | ${what.replaceAll("<", "\\<")} |`,
    ),
  );
});
