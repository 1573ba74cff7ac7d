// Links from a page to a file of the repository that is no page (a source file, a configuration) work where the
// repository is browsed. The site knows no address of it, so it shows their text alone; but a file that is not there
// fails the build, as a dead link to a page does.

import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { MarkdownRenderer } from "vitepress";

const docs = fileURLToPath(new URL("../", import.meta.url));

export function linksIntoTheRepository(md: MarkdownRenderer): void {
  md.core.ruler.push("links-into-the-repository", ({ tokens, env }) => {
    for (const block of tokens) {
      const inline = block.children ?? [];
      for (const [index, token] of inline.entries()) {
        if (token.type !== "link_open") continue;
        const target = outside(String(token.attrGet("href")), env.path);
        if (target === null) continue;
        if (!existsSync(target)) throw new Error(`${env.path} links to ${target}, which is not there.`);
        const end = inline.findIndex((other, at) => at > index && other.type === "link_close");
        for (const edge of [token, inline[end]])
          if (edge) Object.assign(edge, { type: "text", tag: "", content: "" });
      }
    }
  });
}

/** The file that a relative link leads to, if that is none of the site's; otherwise `null`. */
function outside(href: string, page: string): string | null {
  if (/^(?:[a-z]+:|[/#])/i.test(href)) return null;
  const target = resolve(dirname(page), decodeURI(href.replace(/[?#].*$/, "")));
  return relative(docs, target).startsWith("..") ? target : null;
}
