// One of the people who use the application at the same time: a browser with cookies and a connection of its own, who
// knows what was acknowledged to them, and looks on every page whether it is still so.

import { Agent, type IncomingMessage, request } from "node:http";

/** What people do, in the order of the table. */
export const operations = ["sign up", "register", "look", "take back", "sign out", "sign in"] as const;
export type Operation = (typeof operations)[number];

const SPORTS = new Map([
  ["Basketball", "basketball"],
  ["Soccer", "soccer"],
  ["Ultimate Frisbee", "ultimate-frisbee"],
]);

/** Between a sign-in and a sign-out. */
const ROUNDS = 4;

/** What everybody writes down. */
export interface Notes {
  readonly milliseconds: Readonly<Record<Operation, number[]>>;
  /** Answers that were not what they should be, connections that broke among them. */
  readonly failures: string[];
  /** Pages that showed somebody else's name or registration. */
  readonly crossed: string[];
  /** Pages that showed another state than what was acknowledged. */
  readonly lost: string[];
  /** Whose a registration is that has been seen. */
  readonly owners: Map<string, string>;
}

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

export class Person {
  readonly name: string;
  /** The ids of the sports that the server said this person is registered for. */
  readonly sports = new Set<string>();
  readonly #url: string;
  readonly #address: string;
  readonly #notes: Notes;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #cookies = new Map<string, string>();

  constructor(url: string, number: number, notes: Notes) {
    this.#url = url;
    this.#notes = notes;
    this.#address = `10.0.${number >> 8}.${number & 255}`;
    this.name = `Person ${String(number).padStart(4, "0")}`;
  }

  /** Signs up, then registers, looks, takes back, signs out and in again, until `isOver`. Stops at the first failure. */
  async live(isOver: () => boolean): Promise<void> {
    const account = { name: this.name, password: `the long secret of ${this.#address}` };
    try {
      await this.#do("sign up", "/sign-up", account);
      while (!isOver()) {
        for (let round = 0; round < ROUNDS && !isOver(); round++) await this.#changeOne();
        await this.#do("sign out", "/sign-out");
        await this.#do("sign in", "/sign-in", account);
      }
      await this.#look();
    } catch (error) {
      this.#notes.failures.push(`${this.name}: ${error instanceof Error ? error.message : error}`);
    } finally {
      this.#agent.destroy();
    }
  }

  async #changeOne(): Promise<void> {
    const wanted = [...SPORTS.values()].find((sport) => !this.sports.has(sport));
    if (wanted !== undefined) {
      await this.#do("register", "/registrations", { sport: wanted });
      this.sports.add(wanted);
    }
    const [first] = await this.#look();
    if (first === undefined || this.sports.size < SPORTS.size) return;
    await this.#do("take back", `/registrations/${first.id}/take-back`);
    this.sports.delete(first.sport);
    await this.#look();
  }

  /** Looks at one's registrations, and answers them. */
  async #look(): Promise<{ id: string; sport: string }[]> {
    const { status, body } = await this.#send("look", "GET", "/registrations");
    if (status !== 200) throw new Error(`look: ${status}`);
    const seen = [...body.matchAll(TICKET)].map(([, title = "", id = ""]) => ({
      id,
      sport: SPORTS.get(title) ?? title,
    }));
    const names = new Set(body.match(/Person \d{4}/g));
    const strangers = seen.filter(({ id }) => this.#ownerOf(id) !== this.name);
    if (names.size !== 1 || !names.has(this.name) || strangers.length > 0)
      this.#notes.crossed.push(
        `${this.name} saw ${[...names]}, and ${strangers.length} registrations of others`,
      );
    const sports = seen.map(({ sport }) => sport);
    if (sports.length !== this.sports.size || !sports.every((sport) => this.sports.has(sport)))
      this.#notes.lost.push(`${this.name} saw ${sports}, not ${[...this.sports]}`);
    return seen;
  }

  /** Whoever sees a registration first owns it. */
  #ownerOf(id: string): string {
    const { owners } = this.#notes;
    const owner = owners.get(id) ?? this.name;
    owners.set(id, owner);
    return owner;
  }

  /** Submits a form, which must be followed by a redirect to somewhere else than the sign-in. */
  async #do(
    operation: Operation,
    path: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { status, location } = await this.#send(
      operation,
      "POST",
      path,
      new URLSearchParams(fields).toString(),
    );
    if (status !== 303 || location.startsWith("/sign-in"))
      throw new Error(`${operation}: ${status} ${location}`);
  }

  async #send(operation: Operation, method: "GET" | "POST", path: string, body = ""): Promise<Answer> {
    const start = performance.now();
    const answer = await new Promise<Answer>((resolve, reject) => {
      const headers = {
        "X-Forwarded-For": this.#address,
        "Sec-Fetch-Site": "same-origin",
        "Accept-Language": "en",
        Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(method === "POST" && {
          "Content-Type": "application/x-www-form-urlencoded",
          "Content-Length": body.length,
        }),
      };
      const asked = request(this.#url + path, { method, headers, agent: this.#agent }, (response) =>
        read(response).then((text) => {
          this.#keep(response.headers["set-cookie"] ?? []);
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location ?? "",
            body: text,
          });
        }, reject),
      );
      asked.on("error", reject).end(body);
    });
    this.#notes.milliseconds[operation].push(performance.now() - start);
    return answer;
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; *max-age=0\b/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** A registration on the page: its sport, and further on in the same entry of the list its id. */
const TICKET =
  /<li class="ticket">(?:(?!<\/li>).)*?<p class="title">([^<]+)<(?:(?!<\/li>).)*?"\/registrations\/([^/"]+)\/take-back"/gs;

async function read(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return text;
}
