// One exchange of a framework that speaks the Fetch standard, from the look-up to the commit.

import type { JsonShape } from "../core/json.ts";
import type { Sessions } from "../core/manager.ts";
import type { Session } from "../core/session.ts";
import type { Awaitable } from "../core/store.ts";
import { replyTo } from "./options.ts";
import { type NodeRequest, WebRequest, webFailure, withCommit } from "./web.ts";

/**
 * Answers the request with what `handle` makes of it, committed. What `handle` throws is thrown on, after a sign-out was
 * committed; a failure of the store is a response.
 */
export async function exchange<D extends JsonShape<D>>(
  sessions: Sessions<D>,
  request: Request,
  handle: (session: Session<D>) => Awaitable<Response>,
): Promise<Response> {
  const asked = new WebRequest(request, incoming(request));
  const session = await sessions.open(asked);
  const handled = async () => {
    try {
      return await handle(session);
    } catch (error) {
      // The platform will make a 500 of it, in spite of which a sign-out counts.
      if (replyTo(error) === null) await sessions.commit(session, 500);
      throw error;
    }
  };
  let response: Response | undefined;
  try {
    response = await handled();
    return asked.answer(withCommit(response, await sessions.commit(session, response.status)));
  } catch (error) {
    const reply = replyTo(error);
    if (reply === null) {
      asked.over();
      throw error;
    }
    return asked.answer(webFailure(reply, response));
  }
}

/** The request as Node.js got it, under srvx, on which h3, Nitro and Elysia run there; `undefined` elsewhere. */
function incoming(request: Request & { runtime?: { node?: { req: NodeRequest } } }): NodeRequest | undefined {
  return request.runtime?.node?.req;
}
