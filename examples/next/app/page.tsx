// The page for whoever is signed in.

import { redirect } from "next/navigation";
import { read } from "./visits";

export default async function Page() {
  const { name } = (await read()).data;
  if (!name) redirect("/login");
  return (
    <>
      Vous êtes connecté en tant que {name}. <a href="/logout">Déconnexion</a>.
    </>
  );
}
