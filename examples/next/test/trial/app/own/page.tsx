// A form for everything that an action can do, and what the session is then.

import { read } from "../visits";
import { act } from "./actions";

export default async function Page() {
  const { userId, data } = await read();
  return (
    <form action={act}>
      <input name="how" />
      <button type="submit">Do</button>
      <output>{JSON.stringify({ userId, note: data.note })}</output>
    </form>
  );
}
