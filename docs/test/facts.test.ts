// What pages say of other files is what stands there: the tests that prove each row of the security page, and the figures
// of the landing page.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const docs = new URL("../", import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, docs), "utf8");

/** How many rows each part of the checklist has. */
const ROWS = { C: 10, T: 19, R: 8, P: 13 };

interface Row {
  readonly name: string;
  readonly proofs: readonly { readonly file: string; readonly title: string }[];
}

function rowsOf(page: string): Row[] {
  return page.split(/^### /m).flatMap((section) => {
    const [, name] = /^([CTRP]\d+) \{#[ctrp]\d+\}$/m.exec(section) ?? [];
    if (name === undefined) return [];
    const proofs = [...section.matchAll(/^- [^[]*\[[^\]]+\]\(([^)]+)\): (.+)$/gm)];
    return [{ name, proofs: proofs.map(([, file = "", title = ""]) => ({ file, title })) }];
  });
}

/** The title as it stands in the test's source: without code marks, and with anything where the page has `…`. */
function titlePattern(title: string): RegExp {
  const parts = title.replaceAll("`", "").split("…");
  return new RegExp(
    `["\`]${parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".+")}["\`]`,
  );
}

const rows = rowsOf(textOf("security.md"));

test("the security page has every row of the checklist once, each with a proof", () => {
  const expected = Object.entries(ROWS).flatMap(([part, count]) =>
    Array.from({ length: count }, (_, index) => `${part}${index + 1}`),
  );
  assert.deepEqual(
    rows.map(({ name }) => name),
    expected,
  );
  assert.deepEqual(
    rows.filter(({ proofs }) => proofs.length === 0),
    [],
  );
});

for (const { name, proofs } of rows) {
  test(`${name} is proved by tests that exist`, () => {
    for (const { file, title } of proofs) {
      assert.ok(existsSync(new URL(file, docs)), file);
      assert.match(textOf(file), titlePattern(title), `${file} has no test "${title}"`);
    }
  });
}

test("the landing page's figures are the benchmark's", () => {
  const benchmark = textOf("../bench/README.md");
  const figures = [...textOf("index.md").matchAll(/^\| ([^|]+) \| ([\d.]+) \| ([\d.]+) \|$/gm)];
  assert.ok(figures.length > 0);
  for (const [, name = "", read = "", write = ""] of figures) {
    const row = benchmark.split("\n").find((line) => line.startsWith(`| ${name} |`)) ?? "";
    const cells = row.split("|").map((cell) => cell.trim());
    // The columns "added", of a read and of a write.
    assert.deepEqual([cells[4], cells[10]], [read, write], name);
  }
});
