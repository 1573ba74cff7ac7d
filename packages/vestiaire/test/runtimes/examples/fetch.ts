// A server with sessions that Deno, Bun and workerd start as it is: each calls the `fetch` of the module's default export.

import { memoryStore } from "vestiaire";
import { session } from "vestiaire/fetch";

interface Visitor {
  name: string;
}

const withSession = session<Visitor>({ store: memoryStore() });
const home = () => new Response(null, { status: 303, headers: { Location: "/" } });

const handler = withSession(async (request, session) => {
  const { pathname } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "GET /":
      return new Response(`Hello, ${session.data.name ?? "stranger"}.\n`);
    case "POST /login": {
      const name = new URLSearchParams(await request.text()).get("name");
      if (!name) return new Response("Who is there?\n", { status: 400 });
      session.signIn(name).set("name", name);
      return home();
    }
    case "POST /logout":
      session.signOut();
      return home();
    default:
      return new Response("There is no such page.\n", { status: 404 });
  }
});

export default { fetch: (request: Request) => handler(request) };
