// What became of the tests of one run, and how two runs differ. Runners write it as JUnit's XML, each in its own manner.

export interface Result {
  readonly outcome: "passed" | "skipped" | "failed";
  /** Why it was skipped, or how it failed. */
  readonly reason?: string;
}

/** By `suite > test`; a name that several tests have is followed by their number. */
export type Report = ReadonlyMap<string, Result>;

/** Gives each test of a run a name of its own. */
export function reportOf(results: Iterable<readonly [name: string, result: Result]>): Report {
  const report = new Map<string, Result>();
  for (const [name, result] of results) {
    let unique = name;
    for (let count = 2; report.has(unique); count += 1) unique = `${name} (${count})`;
    report.set(unique, result);
  }
  return report;
}

/** Reads a file of JUnit's XML, as Node.js, Deno and Bun write it. */
export function readJUnit(xml: string): Report {
  const cases = xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs);
  return reportOf(
    Array.from(cases, ([, attributes = "", content = ""]) => {
      const name = attribute(attributes, "name");
      const suite = attribute(attributes, "classname");
      // Deno's names hold the suite already, and its class names are files; Node.js calls no suite "test".
      const alone = suite === "" || suite === "test" || /[.:/]/.test(suite);
      return [alone ? name : `${suite} > ${name}`, resultOf(content)];
    }),
  );
}

function resultOf(content: string): Result {
  const failure = /<(?:failure|error)\b([^>]*)>([^<]*)/.exec(content);
  if (failure) return { outcome: "failed", reason: plainText(`${failure[1]}${failure[2]}`.trim()) };
  return { outcome: content.includes("<skipped") ? "skipped" : "passed" };
}

function attribute(attributes: string, name: string): string {
  return plainText(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function plainText(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:#(x?)([0-9a-f]+)|(\w+));/gi, (_whole, hex, code, name) =>
    name === undefined ? String.fromCodePoint(Number.parseInt(code, hex ? 16 : 10)) : (named[name] ?? ""),
  );
}
