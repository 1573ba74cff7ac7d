// Stands in for `node:test` inside workerd, which has no test runner: collects the tests, and runs one when it is asked
// to. It has what the library's tests use, and no more, so that a test which needs something else fails.

import { mock } from "node:test";

type Run = (t: TestContext) => unknown;

const tests: { readonly name: string; readonly run: Run }[] = [];
let suite: string | null = null;

export class TestContext {
  readonly mock = mock;
  readonly #after: (() => unknown)[] = [];
  skipped: string | null = null;

  skip(reason: string): void {
    this.skipped = reason;
  }

  after(task: () => unknown): void {
    this.#after.push(task);
  }

  async finish(): Promise<void> {
    for (const task of this.#after) await task();
    mock.restoreAll();
  }
}

export function describe(name: string, register: () => void): void {
  suite = name;
  register();
  suite = null;
}

export function test(name: string, run: Run): void {
  tests.push({ name: suite === null ? name : `${suite} > ${name}`, run });
}

/** What became of one test, in the words of JUnit's reports. */
export type Outcome =
  | { readonly outcome: "passed" }
  | { readonly outcome: "skipped" | "failed"; readonly reason: string };

export function testNames(): string[] {
  return tests.map(({ name }) => name);
}

/** Runs the test of this place in the list. */
export async function runTest(place: number): Promise<Outcome> {
  const context = new TestContext();
  try {
    await tests[place]?.run(context);
  } catch (error) {
    return { outcome: "failed", reason: error instanceof Error ? String(error.stack) : String(error) };
  } finally {
    await context.finish();
  }
  return context.skipped === null ? { outcome: "passed" } : { outcome: "skipped", reason: context.skipped };
}
