// Signs out.

import { route } from "../visits";

export const GET = route((_request, session) => {
  session.signOut();
  return new Response(null, { status: 302, headers: { Location: "/" } });
});
