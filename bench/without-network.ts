// The same requests without a network: the server's request listener is called directly, on a socket that goes nowhere.
// Over a network, most of a small request's time is the kernel's, and on a shared machine that part varies by more than a
// session costs; here what is left is the framework's work and the session's.

import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";

type Fetch = Parameters<typeof getRequestListener>[0];

/** CPU time for each request, in microseconds, of every batch. */
export interface Direct {
  readonly read: readonly number[];
  readonly write: readonly number[];
}

const VISITORS = 64;
const BATCHES = 30;
/** Until the code is optimized. */
const WARM_UP = 10;
const REQUESTS = 2_000;

/** Signs visitors in and measures both kinds of request, batch by batch in turns. */
export async function measureDirectly(fetch: Fetch): Promise<Direct> {
  const listener = getRequestListener(fetch);
  const cookies: string[] = [];
  for (let visitor = 0; visitor < VISITORS; visitor++) {
    const { setCookie } = await ask(listener, "POST", `/login?name=visitor${visitor}`, "");
    cookies.push(setCookie?.split(";")[0] ?? "");
  }
  const batch = async (method: string, path: string) => {
    const before = process.cpuUsage();
    for (let i = 0; i < REQUESTS; i++) {
      const { status } = await ask(listener, method, path, cookies[i % VISITORS] ?? "");
      if (status !== 200) throw new Error(`${method} ${path} was answered with ${status}`);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / REQUESTS;
  };
  const read: number[] = [];
  const write: number[] = [];
  for (let round = 0; round < WARM_UP + BATCHES; round++) {
    const figures = [await batch("GET", "/"), await batch("POST", "/seen")] as const;
    if (round < WARM_UP) continue;
    read.push(figures[0]);
    write.push(figures[1]);
  }
  return { read, write };
}

interface Answer {
  readonly status: number;
  readonly setCookie: string | undefined;
}

async function ask(
  listener: ReturnType<typeof getRequestListener>,
  method: string,
  url: string,
  cookie: string,
): Promise<Answer> {
  const socket = new Socket();
  let head = "";
  socket.write = (chunk: unknown) => {
    if (url !== "/") head += String(chunk);
    return true;
  };
  const headers = ["Host", "127.0.0.1:5000", "Cookie", cookie];
  const request = new IncomingMessage(socket);
  Object.assign(request, { method, url, httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
  Object.assign(request, { rawHeaders: headers });
  // What the parser calls; there is no public way to make a request.
  (request as unknown as { _addHeaderLines(lines: string[], count: number): void })._addHeaderLines(
    headers,
    headers.length,
  );
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  await listener(request, response);
  const setCookie = /set-cookie: ([^\r]*)/i.exec(head)?.[1];
  return { status: response.statusCode, setCookie };
}
