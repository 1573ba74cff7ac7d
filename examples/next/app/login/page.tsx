// The form that asks for a name.

import { login } from "./actions";

export default function Page() {
  return (
    <form action={login}>
      {/* biome-ignore lint/a11y/noAutofocus: as in the original. */}
      <input autoComplete="off" autoFocus name="name" placeholder="Nom" type="text" />
      <button type="submit">Se Connecter</button>
    </form>
  );
}
