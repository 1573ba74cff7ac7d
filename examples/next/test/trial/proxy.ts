// What may look at the session before a page, and turn visitors away.

import { type NextRequest, NextResponse } from "next/server";
import { route } from "./app/visits";

export const proxy = route((request: NextRequest, session) => {
  if (request.nextUrl.searchParams.has("in")) session.signIn("ada");
  return session.userId === null
    ? NextResponse.redirect(new URL("/elsewhere", request.url))
    : NextResponse.rewrite(new URL("/own", request.url));
});

export const config = { matcher: "/guarded" };
