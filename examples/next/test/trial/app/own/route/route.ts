// Route handlers, beside the pages.

import { cookies } from "next/headers";
import type { NextRequest } from "next/server";
import { route } from "../../visits";

export const GET = route((request, session) => {
  const { protocol } = new URL(request.url);
  return Response.json({ userId: session.userId, note: session.data.note, protocol });
});

export const POST = route(async (request: NextRequest, session) => {
  if (request.nextUrl.searchParams.has("theme")) (await cookies()).set("theme", "dark");
  session.signOut();
  return new Response(null, { status: 303, headers: { Location: "/own" } });
});
