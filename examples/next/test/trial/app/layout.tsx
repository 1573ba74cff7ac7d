// Looks at the session beside the page.

import type { ReactNode } from "react";
import { read } from "./visits";

export default async function Layout({ children }: { children: ReactNode }) {
  const { userId } = await read();
  return (
    <html lang="en">
      <body data-user={userId}>{children}</body>
    </html>
  );
}
