// What is written in English and in French stays in step: the tutorial, the README, the diagrams. And what the tutorial
// shows is the code that runs, to the last line.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const chapters = readdirSync(new URL("docs/tutorial/", root)).filter((name) => name.endsWith(".md"));
const diagrams = ["request", "token", "layers"];

interface Outline {
  readonly headings: readonly string[];
  readonly code: readonly string[];
  readonly links: readonly string[];
  readonly rows: readonly string[];
}

/** What two pages that say the same have in common, whatever the language. */
function outline(page: string): Outline {
  const fences = /^```[\s\S]*?^```|^<<< .*/gm;
  const prose = page.replace(fences, "");
  return {
    headings: [...prose.matchAll(/^(#+|<details>)/gm)].map(([mark]) => mark),
    code: [...page.matchAll(fences)].map(([block]) => block.replace(/^<<< .*steps\//, "<<< ")),
    // From another depth; diagrams have a file for each language; anchors are made of the headings' words.
    links: [...prose.matchAll(/\]\(([^)]+)\)/g)]
      .map(([, link = ""]) =>
        link.replace(/^(\.\.\/)+/, "../").replace(/^.*(diagrams\/\w+)(\.fr)?\.svg$/, "$1"),
      )
      .map((link) => link.replace(/^README(\.fr)?\.md$/, "the other README").replace(/^#.*/, "#"))
      .sort(),
    rows: [...prose.matchAll(/^\|(.*?)\|/gm)].map(([, cell = ""]) => (cell.includes("`") ? cell : "")),
  };
}

/** The lines that a chapter shows of the steps: whole files, and regions of them. */
function shownBy(page: string): { file: string; lines: string[] }[] {
  return [...page.matchAll(/^<<< \.\/steps\/([^#\n]+)(?:#(\w+))?$/gm)].map(([, file = "", region]) => {
    const lines = read(`docs/tutorial/steps/${file}`).split("\n");
    if (region === undefined) return { file, lines };
    const [start, end] = ["region", "endregion"].map((mark) =>
      lines.findIndex((line) => line.trim() === `// #${mark} ${region}`),
    );
    assert.ok(start !== undefined && end !== undefined && start >= 0 && end > start, `${file}#${region}`);
    return { file, lines: lines.slice(start + 1, end) };
  });
}

for (const name of chapters) {
  test(`the tutorial's ${name} is the same in both languages`, () => {
    assert.deepEqual(outline(read(`docs/fr/tutorial/${name}`)), outline(read(`docs/tutorial/${name}`)));
  });
}

test("both languages have the same chapters, and the first page leads to each", () => {
  assert.deepEqual(
    readdirSync(new URL("docs/fr/tutorial/", root)).filter((name) => name.endsWith(".md")),
    chapters,
  );
  const { links } = outline(read("docs/tutorial/index.md"));
  for (const name of chapters.filter((chapter) => chapter !== "index.md")) {
    assert.ok(links.includes(`./${name}`), name);
  }
});

test("the README is the same in both languages", () => {
  assert.deepEqual(outline(read("README.fr.md")), outline(read("README.md")));
});

test("whoever types what the tutorial shows has every line of every step", () => {
  const shown = new Set<string>();
  const files = new Set<string>();
  for (const { file, lines } of chapters
    .toSorted()
    .flatMap((name) => shownBy(read(`docs/tutorial/${name}`)))) {
    files.add(file);
    for (const line of lines) shown.add(line.trim());
  }
  const steps = readdirSync(new URL("docs/tutorial/steps/", root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.endsWith("pages") ? "pages/" : ""}${entry.name}`);
  assert.deepEqual(steps.toSorted(), [...files].toSorted());
  for (const file of steps) {
    const [, ...lines] = read(`docs/tutorial/steps/${file}`).split("\n");
    for (const line of lines.map((each) => each.trim())) {
      if (!/^\/\/ #(end)?region /.test(line)) assert.ok(shown.has(line), `${file}: ${line}`);
    }
  }
});

test("French typography: no break before : ; ? ! nor inside « »", () => {
  for (const path of [
    "README.fr.md",
    "docs/fr/index.md",
    ...chapters.map((name) => `docs/fr/tutorial/${name}`),
  ]) {
    const prose = read(path)
      .replace(/^```[\s\S]*?^```|^---[\s\S]*?^---|<!--[\s\S]*?-->|`[^`\n]+`/gm, "")
      .replace(/\]\([^)]*\)/g, "]");
    assert.doesNotMatch(prose, /[ \n][:;?!»](?!\[)|«[ \n]|\w[;?!](\s|$)|'/, path);
  }
});

describe("a diagram", () => {
  for (const name of diagrams) {
    test(`${name} is the same drawing in both languages`, () => {
      const drawing = (svg: string) => svg.replace(/>[^<]+</g, "><").replace(/lang="\w+"/, "");
      const [english, french] = [read(`docs/diagrams/${name}.svg`), read(`docs/diagrams/${name}.fr.svg`)];
      assert.equal(drawing(french), drawing(english));
      assert.match(english, /lang="en"/);
      assert.match(french, /lang="fr"/);
    });
  }

  test("layers names files that there are, and every store and adapter that can be imported", () => {
    const library = new URL("packages/vestiaire/src/", root);
    const picture = read("docs/diagrams/layers.svg");
    const named = [...picture.matchAll(/[a-z0-9-]+(?:\.ts\b|\/(?=[ <]))/g)].map(([name]) => name);
    const folders = ["adapters", "stores", "core"];
    for (const name of named) {
      assert.ok(
        folders.some((folder) => existsSync(new URL(`${folder}/${name}`, library))),
        name,
      );
    }
    const { exports } = JSON.parse(read("packages/vestiaire/package.json")) as {
      exports: Record<string, { source?: string }>;
    };
    for (const { source = "" } of Object.values(exports)) {
      const name = /^\.\/src\/(?:adapters|stores)\/(.+?)(?:index\.ts)?$/.exec(source)?.[1];
      if (name !== undefined && name !== "open.ts")
        assert.ok(named.includes(name), `${source} is not in the picture`);
    }
  });
});
