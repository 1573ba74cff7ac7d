// The process: reads the settings, starts the server, and stops it when asked to. What it says to people goes to the
// standard error output; the standard output is the log's.

import { firstAdministratorLink } from "./accounts/first-administrator.ts";
import { placeOf, StartError } from "./operations/start-error.ts";
import { type RunningServer, start } from "./server.ts";
import { readSettings, type Settings, SettingsError, settingsHelp } from "./settings.ts";

const [argument] = process.argv.slice(2);
if (argument === "--help") {
  console.log(settingsHelp());
} else if (argument !== undefined) {
  console.error(`There is no argument ${argument}. --help lists the settings.`);
  process.exitCode = 1;
} else {
  await run();
}

async function run(): Promise<void> {
  // What it keeps is its own user's to read.
  process.umask(0o077);
  try {
    const settings = readSettings(process.env);
    const server = await start(settings);
    await announce(server, settings);
    stopOnSignal(server);
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof StartError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function announce({ url, metricsUrl, services }: RunningServer, settings: Settings): Promise<void> {
  const { ORIGIN, DATABASE_URL, SESSION_STORE } = settings;
  const link = await firstAdministratorLink(services, ORIGIN?.origin ?? url);
  console.error(`Registrations are open on ${ORIGIN === null ? url : `${ORIGIN.origin}, behind ${url}`}`);
  console.error(`People and registrations: ${placeOf(DATABASE_URL)}`);
  console.error(`Sessions: ${placeOf(SESSION_STORE)}`);
  if (link !== null)
    console.error(`Nobody is an administrator yet. Become the first, once, within a day: ${link}`);
  console.error(`Health and metrics: ${metricsUrl}`);
}

/** The first signal lets running requests finish; the second does not wait for them. */
function stopOnSignal(server: RunningServer): void {
  let asked = false;
  const stop = async () => {
    if (asked) process.exit(1);
    asked = true;
    process.exit((await server.close()) === 0 ? 0 : 1);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
}
