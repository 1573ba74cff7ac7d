// Which session expires next. Visits move an expiry without telling: a session stands by the time that it was given when
// it was put in, and whoever finds it alive after that time gives it a later one.

/** What stands in the heap. Both fields are the heap's. */
export interface Due {
  dueAt: number;
  duePlace: number;
}

/** A binary heap, in which each item knows its place. */
export class DueHeap<Item extends Due> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    this.#place(this.#items.length, item);
  }

  remove(item: Item): void {
    const last = this.#items.pop() as Item;
    if (last !== item) this.#place(item.duePlace, last);
  }

  /** The item that is due first, if it is by `now`. */
  first(now: number): Item | undefined {
    const first = this.#items[0];
    return first !== undefined && first.dueAt <= now ? first : undefined;
  }

  /** Gives the first item another time. */
  moveFirst(dueAt: number): void {
    const first = this.#items[0] as Item;
    first.dueAt = dueAt;
    this.#place(0, first);
  }

  /** Puts an item where a place is free, or where it belongs above or below that. */
  #place(free: number, item: Item): void {
    let place = free;
    for (;;) {
      const above = place === 0 ? undefined : this.#items[(place - 1) >> 1];
      if (above === undefined || above.dueAt <= item.dueAt) break;
      place = this.#swap(place, above);
    }
    for (;;) {
      const [left, right] = [this.#items[2 * place + 1], this.#items[2 * place + 2]];
      const below = left !== undefined && right !== undefined && right.dueAt < left.dueAt ? right : left;
      if (below === undefined || below.dueAt >= item.dueAt) break;
      place = this.#swap(place, below);
    }
    item.duePlace = place;
    this.#items[place] = item;
  }

  /** Moves an item to the free place, and answers the place that it leaves. */
  #swap(free: number, item: Item): number {
    const left = item.duePlace;
    item.duePlace = free;
    this.#items[free] = item;
    return left;
  }
}
