// The unit for systemd, as systemd itself reads it: with the project's folder in place of /opt/registrations.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { folderFor } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");

/** CI must have it. */
const skip =
  spawnSync("systemd-analyze", ["--version"]).status === 0 || process.env.CI === "true"
    ? false
    : "there is no systemd-analyze; install systemd to run this";

/** What `systemd-analyze` says of the unit. */
function analyze(t: TestContext, ...args: readonly string[]) {
  const unit = readFileSync(new URL("../../deploy/registrations.service", import.meta.url), "utf8");
  assert.match(unit, /^WorkingDirectory=\/opt\/registrations$/m);
  const file = join(folderFor(t), "registrations.service");
  writeFileSync(file, unit.replaceAll("/opt/registrations", ROOT));
  const { status, stdout, stderr, error } = spawnSync("systemd-analyze", [...args, file], {
    encoding: "utf8",
  });
  assert.ifError(error);
  return { status, stdout, stderr };
}

test("systemd takes the unit, knows every line of it and finds the program", { skip }, (t) => {
  assert.deepEqual(analyze(t, "verify", "--man=no"), { status: 0, stdout: "", stderr: "" });
});

test("the unit leaves the application little to harm: 2 of 10 at most, as systemd counts", { skip }, (t) => {
  // Tenths of what systemd counts.
  const { status, stdout } = analyze(t, "security", "--offline=true", "--no-pager", "--threshold=20");
  assert.match(stdout, /Overall exposure level/);
  assert.equal(status, 0, stdout);
});
