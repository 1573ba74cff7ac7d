// The one character that PostgreSQL cannot store in a text: NUL, U+0000. Nobody types it, so a request that holds one is
// refused on every engine, before it could become a failure of the database.

import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";

/** Answers 400 where an address holds NUL. */
export const refuseNulInAddress = createMiddleware(async (c, next) => {
  if (c.req.url.includes("%00")) throw new HTTPException(400);
  await next();
});

/** The text as it is. Throws 400 where it holds NUL. */
export function withoutNul(text: string): string {
  if (text.includes("\0")) throw new HTTPException(400);
  return text;
}
