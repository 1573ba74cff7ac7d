// What the settings say of whoever runs the site is on its pages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../../src/settings.ts";
import { startApplication } from "../support/application.ts";

test("the site's name is in every title, beside the picture, and what passkeys are kept under", async (t) => {
  const application = await startApplication(t, { SITE_NAME: "Spring Games <1>" });
  const browser = application.browser();
  for (const [path, title] of [
    ["/", "Register for a sport"],
    ["/nothing", "There is nothing here"],
  ] as const) {
    const { body } = await browser.get(path);
    assert.match(body, new RegExp(`<title>${title} · Spring Games &lt;1&gt;</title>`));
    assert.match(body, /class="brand"[^>]*>.*?>Spring Games &lt;1&gt;\s*<\/a>/s);
    assert.doesNotMatch(body, /Vestiaire|Questions\?/);
  }
  const options = await browser.postJson("/sign-up/passkey/options", { name: "Ada" });
  assert.equal(JSON.parse(options.body).rp.name, "Spring Games <1>");
});

test("whom people can ask is at the foot of every page: an e-mail address or a page", async (t) => {
  for (const [CONTACT, link] of [
    ["games@example.org", '<a href="mailto:games@example.org">games@example.org</a>'],
    ["https://example.org/contact/", '<a href="https://example.org/contact/">example.org/contact</a>'],
  ] as const) {
    const browser = (await startApplication(t, { CONTACT })).browser();
    for (const path of ["/", "/nothing"]) {
      const [, footer = ""] = /<footer[^>]*>(.*)<\/footer>/s.exec((await browser.get(path)).body) ?? [];
      assert.ok(footer.includes(link), path);
    }
  }
});

test("a name or a contact that would be no use on a page is refused at the start", () => {
  for (const [environment, complaint] of [
    [{ SITE_NAME: "  " }, /^SITE_NAME must not be blank/],
    [{ SITE_NAME: "x".repeat(61) }, /^SITE_NAME must be at most 60/],
    [{ SITE_NAME: "a\u202Eb" }, /^SITE_NAME must be plain text/],
    [{ CONTACT: "javascript:alert(1)" }, /^CONTACT must be an e-mail address, or a URL/],
    [{ CONTACT: "ask at the desk" }, /^CONTACT must be an e-mail address, or a URL/],
  ] as const)
    assert.throws(() => readSettings(environment), { message: complaint });
});
