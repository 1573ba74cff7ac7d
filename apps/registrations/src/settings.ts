// What may be decided from outside: environment variables, each with a default, so that nothing has to be. They are all
// read and checked at the start; a mistake stops it with a message for every variable that is wrong.

import { isIP } from "node:net";
import type { Proxies } from "vestiaire";
import { z } from "zod";
import { type ProviderSettings, readProviders } from "./settings-providers.ts";
import { contact, siteName } from "./settings-site.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface Variable<T> {
  readonly what: string;
  /** What counts when the variable is absent or empty. */
  readonly fallback: string;
  readonly read: z.ZodType<T, string>;
}

function variable<T>(fallback: string, read: z.ZodType<T, string>, what: string): Variable<T> {
  return { what, fallback, read };
}

const SECOND = 1_000;
const UNITS = { s: SECOND, m: 60 * SECOND, h: 3_600 * SECOND, d: 86_400 * SECOND };

const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a number from 0 to 65535")
  .transform(Number)
  .refine((value) => value < 65_536, "must be a number from 0 to 65535");

const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a number with a unit, such as "30s", "5m", "24h" or "30d"')
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);

const durationOrForever = z.union(
  [z.literal("forever").transform(() => null), duration],
  'must be "forever" or a number with a unit, such as "400d"',
);

const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a number from ${least} to ${most}`);

const origin = z.string().transform((text, context): URL | null => {
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text) return url;
  context.addIssue('must be a scheme and a host, such as "https://register.example.org", without a path');
  return z.NEVER;
});

const proxies = z.string().transform((text, context): Proxies => {
  if (text === "all") return "all";
  const entries = text.split(",").filter((entry) => entry !== "");
  for (const entry of entries) {
    if (isIP(entry.replace(/\/\d+$/, "")) !== 0) continue;
    context.addIssue(`must be "all" or addresses and ranges such as "127.0.0.1,10.0.0.0/8"; not ${entry}`);
  }
  return entries;
});

const startingWith = (...starts: string[]) =>
  z
    .string()
    .refine(
      (text) => starts.some((start) => text.startsWith(start)),
      `must begin with one of ${starts.join(" ")}`,
    );

/** What `openStore` of `vestiaire/open` opens, a test says. */
const STORES = [
  ...["file:", "sqlite:", "memory:"],
  ...["redis:", "rediss:", "redis+cluster:", "rediss+cluster:"],
  ...["valkey:", "valkeys:", "valkey+cluster:", "valkeys+cluster:"],
  ...[
    "postgres:",
    "postgresql:",
    "mysql:",
    "mariadb:",
    "mongodb:",
    "mongodb+srv:",
    "memcached:",
    "dynamodb:",
  ],
];

const onOff = z.enum(["on", "off"], 'must be "on" or "off"').transform((value) => value === "on");

const LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"] as const;

const variables = {
  PORT: variable("5000", port, "where it listens; 0 takes any free port"),
  HOST: variable("127.0.0.1", z.string(), "the address it listens on; 0.0.0.0 or :: for all"),
  ORIGIN: variable(
    "",
    origin,
    "how browsers reach it, e.g. https://register.example.org; needed unless that is localhost",
  ),
  SITE_NAME: variable(
    "Vestiaire",
    siteName,
    "what the site is called: on its pages, and where passkeys are kept",
  ),
  CONTACT: variable(
    "",
    contact,
    "whom people can ask: an e-mail address or a URL, shown at the foot of every page",
  ),
  DATABASE_URL: variable(
    "sqlite:./data/registrations.db",
    startingWith("sqlite:", "postgres:", "postgresql:"),
    "people and registrations: sqlite:<path> or postgres://…",
  ),
  SESSION_STORE: variable(
    "file:./data/sessions",
    startingWith(...STORES),
    "sessions: file:<directory>, sqlite:<path> or memory: on one machine; redis://…, postgres://…, mysql://…, mongodb://…, dynamodb://… or memcached://… on several",
  ),
  SESSION_LIFETIME: variable("30d", duration, "a session ends this long after the sign-in"),
  SESSION_IDLE_TIMEOUT: variable("24h", duration, "… and this long after the last visit"),
  REAUTHENTICATE_AFTER: variable(
    "5m",
    duration,
    "how long after a sign-in the back office and one's own keys stay open",
  ),
  TRUSTED_PROXIES: variable(
    "",
    proxies,
    'whose forwarding headers are believed: addresses and ranges, or "all"',
  ),
  SIGN_UPS_PER_HOUR: variable("20", count(1, 1_000_000), "how many accounts one address may make in an hour"),
  PASSWORD_MEMORY: variable("19456", count(8, 4_194_304), "argon2id's memory for one password, in KiB"),
  PASSWORD_PASSES: variable("2", count(1, 100), "argon2id's passes over it"),
  OIDC_PROVIDERS: variable(
    "",
    z.string(),
    "names of OpenID Connect providers, e.g. google,school; each with OIDC_<NAME>_ISSUER, _CLIENT_ID, _CLIENT_SECRET and _LABEL (google knows its issuer and label)",
  ),
  CLEAR_SITE_DATA: variable(
    "on",
    onOff,
    "whether signing out over HTTPS clears what the browser kept: on or off",
  ),
  AUDIT_RETENTION: variable(
    "400d",
    durationOrForever,
    "how long the audit log is kept in the database, or forever",
  ),
  METRICS_PORT: variable(
    "9464",
    port,
    "where /metrics, /healthz and /readyz listen, on 127.0.0.1; 0 takes any free port",
  ),
  LOG_LEVEL: variable("info", z.enum(LEVELS, `must be one of ${LEVELS.join(", ")}`), LEVELS.join(", ")),
  SHUTDOWN_TIMEOUT: variable("20s", duration, "how long running requests may take to finish after SIGTERM"),
};

type Values = { readonly [Name in keyof typeof variables]: z.output<(typeof variables)[Name]["read"]> };

/** The settings, read and checked. Durations are milliseconds, null for ever; `ORIGIN` is null where browsers use localhost. */
export type Settings = Values & { readonly providers: readonly ProviderSettings[] };

/** What is wrong with the environment, one line for each variable. */
export class SettingsError extends Error {
  readonly code = "SETTINGS_INVALID";

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "SettingsError";
  }
}

/** Reads the settings. Throws {@link SettingsError} with every mistake at once. */
export function readSettings(environment: Environment): Settings {
  const problems: string[] = [];
  const read = Object.entries(variables).map(([name, { fallback, read }]) => {
    const value = environment[name] || fallback;
    const { success, data, error } = read.safeParse(value);
    if (!success)
      for (const { message } of error.issues)
        problems.push(`${name} ${message}. It was "${withoutCredentials(value)}".`);
    return [name, data];
  });
  const values = Object.fromEntries(read) as Values;
  // This server speaks no TLS itself, so somebody in front of it must.
  if (values.ORIGIN?.protocol === "https:" && values.TRUSTED_PROXIES?.length === 0)
    problems.push(
      "TRUSTED_PROXIES is missing: ORIGIN is https, so it must name the proxy that speaks TLS, such as 127.0.0.1.",
    );
  const providers = readProviders(environment, problems);
  if (problems.length > 0) throw new SettingsError(problems);
  return { ...values, providers };
}

/** What may be shown of a value that may be a URL with a password in it, wherever that stands. */
function withoutCredentials(value: string): string {
  return value.replace(/:.*[@?].*/s, ":…");
}

/** Every setting, as `--help` and the documentation tell it. */
export const settingsList = Object.entries(variables).map(([name, { fallback, what }]) => ({
  name,
  fallback,
  what,
}));

const INDENT = 23;
const WIDTH = 100;

/** What `--help` prints. */
export function settingsHelp(): string {
  const lines = settingsList.map(({ name, fallback, what }) => {
    const text = wrapped(what + (fallback && ` (default ${fallback})`), WIDTH - INDENT);
    return `  ${name.padEnd(INDENT - 2)}${text.join(`\n${" ".repeat(INDENT)}`)}`;
  });
  return ["npm start", "", "Settings are environment variables:", "", ...lines].join("\n");
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
