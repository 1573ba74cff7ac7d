// What the side bar lists. A page is called what its first heading says, so that nothing is named twice.

import { existsSync, readdirSync, readFileSync } from "node:fs";

const docs = new URL("../", import.meta.url);
const library = new URL("../../packages/vestiaire/package.json", import.meta.url);

interface Item {
  readonly text: string;
  readonly link: string;
}

/** The pages of a folder: the named ones, in that order; without names, all of it. */
export function pages(folder: string, names = namesIn(folder)): Item[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  return names
    .filter((name) => existsSync(new URL(`${prefix}${name}.md`, docs)))
    .map((name) => ({
      text: titleOf(`${prefix}${name}.md`),
      link: `/${prefix}${name === "index" || name === "README" ? "" : name}`,
    }));
}

/** The pages of the API reference: one for each import. */
export function api(): Item[] {
  const { name, exports } = JSON.parse(readFileSync(library, "utf8"));
  return Object.keys(exports).map((path) => {
    const text = path.replace(".", name);
    return { text, link: `/api/${text}` };
  });
}

function namesIn(folder: string): string[] {
  const url = new URL(`${folder}/`, docs);
  if (!existsSync(url)) return [];
  const names = readdirSync(url)
    .filter((file) => file.endsWith(".md") && file !== "README.md" && file !== "index.md")
    .map((file) => file.slice(0, -".md".length));
  return existsSync(new URL("index.md", url)) ? ["index", ...names] : names;
}

function titleOf(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(new URL(file, docs), "utf8"))?.[1]?.replaceAll("`", "") ?? file;
}
