// The application's page for every error.

import { defineErrorHandler } from "nitro";
import { HTTPError } from "nitro/h3";

export default defineErrorHandler((error) => {
  const status = HTTPError.isError(error) ? error.status : 500;
  return new Response(`the application's page: ${error.message}`, { status });
});
