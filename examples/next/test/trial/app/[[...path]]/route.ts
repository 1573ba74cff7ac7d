// A route that answers what the test says.

import { trial } from "../../../trial";

const answer = async (request: Request) => trial()?.answer(request) ?? new Response();

export const GET = answer;
export const POST = answer;
export const PUT = answer;
export const DELETE = answer;
