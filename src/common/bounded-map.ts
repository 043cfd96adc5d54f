/** Weight of one entry in the limit. */
type Weigh<Value> = (value: Value) => number;

/**
 * A map with a limit. When the entries exceed the limit, the map drops the oldest ones. An entry is as old as the last
 * `set` of its key, or the last `touch`. Iterates from the oldest entry to the newest.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #limit: number;
  readonly #weigh: Weigh<Value>;
  #weight = 0;

  /**
   * By default `limit` is a number of entries. With `weigh`, it is a sum of weights, such as bytes. The weight of a
   * value must not change while the map holds it.
   */
  constructor(limit: number, weigh: Weigh<Value> = () => 1) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Gets a value and makes its entry the newest. */
  touch(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined && this.#entries.delete(key)) this.#entries.set(key, value);
    return value;
  }

  /** Sets an entry and makes it the newest. Drops a value at once that alone exceeds the limit. */
  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#limit) break;
      this.delete(oldest);
    }
  }

  /** Returns whether the map had this key. */
  delete(key: Key): boolean {
    const value = this.#entries.get(key);
    if (!this.#entries.delete(key)) return false;
    this.#weight -= this.#weigh(value as Value);
    return true;
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }
}
