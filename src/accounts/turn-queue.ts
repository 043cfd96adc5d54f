/** A queue whose callers take turns, so that one with many items delays another by one of them. */
export class TurnQueue<Item> {
  /** The items of each caller, in the order of arrival. The caller whose turn it is comes first. */
  readonly #items = new Map<unknown, Item[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(caller: unknown, item: Item): void {
    const own = this.#items.get(caller);
    if (own === undefined) this.#items.set(caller, [item]);
    else own.push(item);
    this.#length++;
  }

  /** Takes the next item. */
  shift(): Item | undefined {
    for (const [caller, own] of this.#items) {
      const item = own.shift();
      this.#items.delete(caller);
      if (own.length > 0) this.#items.set(caller, own);
      this.#length--;
      return item;
    }
    return undefined;
  }

  /** Removes an item, if it is still in the queue. */
  remove(caller: unknown, item: Item): void {
    const own = this.#items.get(caller);
    const index = own?.indexOf(item) ?? -1;
    if (own === undefined || index < 0) return;
    own.splice(index, 1);
    if (own.length === 0) this.#items.delete(caller);
    this.#length--;
  }
}
