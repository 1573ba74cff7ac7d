// What a handler does with its session, piece by piece. The pages show the regions.

import { InvalidValueError, type Session, SessionTooLargeError } from "vestiaire";

// #region visitor
export interface Visitor {
  name: string;
  cart: string[];
  visits: number;
  notice: string;
  code: string;
}
// #endregion visitor

export function greeting(session: Session<Visitor>): string {
  // #region read
  const { name, cart = [] } = session.data;
  return name ? `${name}, ${cart.length} in your cart` : "Hello, stranger";
  // #endregion read
}

export function fill(session: Session<Visitor>): void {
  // #region write
  session.set("name", "Ada").delete("notice");
  session.update("visits", (visits = 0) => visits + 1);
  // #endregion write
}

export async function countVisit(session: Session<Visitor>): Promise<string> {
  // #region save
  session.update("visits", (visits = 0) => visits + 1);
  await session.save();
  return `Visit ${session.data.visits}`;
  // #endregion save
}

export function notify(session: Session<Visitor>): void {
  // #region notice
  session.set("notice", "Your address was changed.");
  // #endregion notice
}

export function noticeOf(session: Session<Visitor>): string {
  // #region take
  const notice = session.take("notice");
  return notice ? `<p role="status">${notice}</p>` : "";
  // #endregion take
}

export async function redeem(session: Session<Visitor>, presented: string): Promise<boolean> {
  // #region claim
  const code = await session.claim("code");
  return code !== undefined && code === presented;
  // #endregion claim
}

export function enter(session: Session<Visitor>, user: { id: string; name: string }): void {
  // #region signIn
  session.signIn(user.id, { persistent: true }).set("name", user.name);
  // #endregion signIn
}

export function leave(session: Session<Visitor>): void {
  // #region signOut
  session.signOut();
  // #endregion signOut
}

export function signedInLately(session: Session<Visitor>): boolean {
  // #region lately
  const { signedInAt } = session;
  return signedInAt !== null && Date.now() - signedInAt < 5 * 60_000;
  // #endregion lately
}

export function keep(session: Session<Visitor>, cart: string[]): string {
  // #region refused
  try {
    session.set("cart", cart);
  } catch (error) {
    if (error instanceof SessionTooLargeError) return "That is more than a cart holds.";
    if (error instanceof InvalidValueError) return `This cannot be kept: ${error.message}`;
    throw error;
  }
  // #endregion refused
  return "kept";
}
