// MongoDB's wire protocol, as far as the driver needs it here: OP_MSG, and the one OP_QUERY that its handshake begins
// with. What else there may be in a message is refused.

import { BSON, type Document } from "mongodb";
import { refuse } from "./errors.ts";

const HEADER = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
// The flag of a message that wants no answer.
const MORE_TO_COME = 2;

export interface Request {
  readonly id: number;
  readonly opCode: number;
  readonly body: Buffer;
}

/** Takes whole messages off the front of what has arrived, and answers the rest. */
export function takeRequests(arrived: Buffer): { requests: Request[]; rest: Buffer } {
  const requests: Request[] = [];
  let rest = arrived;
  while (rest.length >= HEADER) {
    const length = rest.readInt32LE(0);
    if (rest.length < length) break;
    requests.push({
      id: rest.readInt32LE(4),
      opCode: rest.readInt32LE(12),
      body: rest.subarray(HEADER, length),
    });
    rest = rest.subarray(length);
  }
  return { requests, rest };
}

/** The command that a request carries. */
export function commandIn({ opCode, body }: Request): Document {
  if (opCode === OP_QUERY) {
    const nameEnd = body.indexOf(0, 4);
    const collection = body.toString("utf8", 4, nameEnd);
    if (collection !== "admin.$cmd") throw refuse("OP_QUERY outside the handshake");
    return BSON.deserialize(body.subarray(nameEnd + 9));
  }
  if (opCode !== OP_MSG) throw refuse(`operation ${opCode} of the protocol`);
  const [flags, kind] = [body.readUInt32LE(0), body.readUInt8(4)];
  if (flags !== 0 && flags !== MORE_TO_COME) throw refuse(`the message flags ${flags}`);
  const size = body.readInt32LE(5);
  if (kind !== 0 || body.length !== 5 + size) throw refuse("a message of several sections");
  return BSON.deserialize(body.subarray(5));
}

export function wantsReply({ opCode, body }: Request): boolean {
  return opCode !== OP_MSG || body.readUInt32LE(0) !== MORE_TO_COME;
}

/** The bytes that answer the request. */
export function replyTo(request: Request, answer: Document): Buffer {
  const document = BSON.serialize(answer);
  const isQuery = request.opCode === OP_QUERY;
  const before = Buffer.alloc(HEADER + (isQuery ? 20 : 5));
  before.writeInt32LE(before.length + document.length, 0);
  before.writeInt32LE(request.id, 8);
  before.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  // The number of documents that follow. Everything else is zero: no flags, no cursor, section kind 0.
  if (isQuery) before.writeInt32LE(1, HEADER + 16);
  return Buffer.concat([before, document]);
}
