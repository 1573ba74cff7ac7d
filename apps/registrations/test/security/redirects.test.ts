// R5 of the security requirements: an address that says where to go next leads nowhere but to this site.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer } from "../support/browser.ts";
import { unescaped } from "./probes.ts";

/** Addresses that a browser could understand as another site's, or as a script. */
const ELSEWHERE = [
  "//evil.example",
  "//evil.example/registrations",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "\t//evil.example",
  " //evil.example",
  "/%09/evil.example",
  "/%0d%0aLocation:%20//evil.example",
  "/%5cevil.example",
  "/..//evil.example",
  "/.//evil.example",
  "/x/..//evil.example",
  "/%2e%2e//evil.example",
  "https:evil.example",
  "https:/evil.example",
  "https://evil.example/",
  "HTTPS://evil.example/",
  "javascript:alert(1)",
  "/\x01javascript:alert(1)",
  "data:text/html,x",
  "evil.example",
  "registrations",
  "?x",
  "",
  "http://[",
  "//[",
  "/\u0000/evil.example",
  `/${"x".repeat(10_000)}`,
];

/** Addresses that only look like it: they are paths of this site. */
const HERE: Readonly<Record<string, string>> = {
  "/registrations": "/registrations",
  "/registrations?x=//evil.example#y": "/registrations?x=//evil.example",
  "/%2f/evil.example": "/%2f/evil.example",
  "/／evil.example": "/%EF%BC%8Fevil.example",
  "/@evil.example": "/@evil.example",
  "/x:y@evil.example": "/x:y@evil.example",
  "/javascript:alert(1)": "/javascript:alert(1)",
  "/a/../registrations": "/registrations",
};

/** Ways to be sent on, by a form; each answers where to. NUL is refused with the whole form. */
const ways: Readonly<Record<string, (application: Application, next: string | string[]) => Promise<Answer>>> =
  {
    "sign-up": async (application, next) => {
      const name = `Person ${await count(application)}`;
      return await application.browser().post("/sign-up", { name, password: PASSWORD, next });
    },
    "sign-in": (application, next) =>
      application.browser().post("/sign-in", { name: "Ada", password: PASSWORD, next }),
    "confirm-identity": async (application, next) => {
      const ada = application.browser();
      await ada.post("/sign-in", { name: "Ada", password: PASSWORD });
      return await ada.post("/confirm-identity", { password: PASSWORD, next });
    },
    language: (application, next) => application.browser().post("/language", { language: "fr", next }),
  };

async function count({ services: { database } }: Application): Promise<number> {
  return (await database.selectFrom("people").select("id").execute()).length;
}

for (const [way, send] of Object.entries(ways)) {
  test(`R5: ${way} leads nowhere but here`, async (t) => {
    const application = await startApplication(t);
    await signedUp(application, "Ada");
    for (const next of ELSEWHERE) {
      const { status, headers } = await send(application, next);
      if (next.includes("\0")) assert.equal(status, 400);
      else assert.deepEqual([status, headers.location], [303, "/"], JSON.stringify(next.slice(0, 50)));
    }
    for (const [next, location] of Object.entries(HERE))
      assert.deepEqual((await send(application, next)).headers.location, location);
    // Two of them: neither counts.
    assert.equal((await send(application, ["/registrations", "//evil.example"])).headers.location, "/");
  });
}

test("R5: no page passes on an address that leads elsewhere, in a link, a form or a field", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const hostile = ELSEWHERE.filter((next) => !next.includes("\0") && next.includes("evil.example"));
  for (const next of hostile) {
    const query = `?next=${encodeURIComponent(next)}`;
    const answers = [
      await application.browser().get(`/sign-in${query}`),
      await application.browser().get(`/sign-up${query}`),
      await application.browser().post("/sign-in", { name: "Ada", password: "wrong", next }),
      await application.browser().post("/sign-in", { name: "", password: "", next }),
      await application.browser().post("/sign-up", { name: "Ada", password: "short", next }),
      await application.browser().post("/sign-up", { name: "", password: "", next }),
      await ada.get(`/confirm-identity${query}`),
      await ada.post("/confirm-identity", { password: "", next }),
      await ada.get(`/sign-in${query}`),
    ];
    for (const { status, headers, body } of answers) {
      if (status === 303) assert.equal(headers.location, "/");
      const main = body.slice(body.indexOf("<main"));
      const addresses = [...main.matchAll(/\s(?:href|action|value)="([^"]*)"/g)].map(([, value = ""]) =>
        unescaped(value),
      );
      assert.deepEqual(
        addresses.filter((address) => address.includes("evil.example")),
        [],
        next,
      );
    }
    // The throttle is not what is tested.
    await application.services.database.deleteFrom("attempts").execute();
  }
});

test("R5: a page's own path is no way out either", async (t) => {
  const application = await startApplication(t);
  for (const path of ["//evil.example/sign-in", "/.//evil.example", "//evil.example/%2e%2e"]) {
    const { body, headers } = await application.browser().send("GET", `${application.url}${path}`);
    assert.equal(headers.location, undefined);
    const [, next = ""] = /name="next" value="([^"]*)"/.exec(body) ?? [];
    const answer = await application.browser().post("/language", { language: "fr", next: unescaped(next) });
    assert.equal(answer.headers.location, "/");
  }
});
