import { h } from '../dom.ts';

/** One row of a list. */
export interface Row<Item> {
  readonly element: HTMLElement;
  /** Shows what has changed of the item. */
  update(item: Item): void;
}

export interface RowsOptions<Item> {
  /** What readers for blind users call the list. */
  readonly label: string;
  /** Said in place of a list without items. */
  readonly empty: string;
  keyOf(item: Item): string;
  create(item: Item): Row<Item>;
}

/** A list whose rows stay the same elements while they are shown anew: what is typed in them and the focus stay. */
export class Rows<Item> {
  readonly #options: RowsOptions<Item>;
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;
  readonly element: HTMLElement;
  readonly #rows = new Map<string, Row<Item>>();

  constructor(options: RowsOptions<Item>) {
    this.#options = options;
    this.#list = h('ul', { class: 'rows', 'aria-label': options.label });
    this.#empty = h('p', { class: 'none', hidden: true }, options.empty);
    this.element = h('div', {}, this.#list, this.#empty);
  }

  show(items: readonly Item[]): void {
    const { keyOf, create } = this.#options;
    const gone = new Set(this.#rows.keys());
    let place = this.#list.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      gone.delete(key);
      const row = this.#rows.get(key) ?? create(item);
      this.#rows.set(key, row);
      row.update(item);
      // An element that is moved loses the focus.
      if (row.element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(row.element, place);
    }
    for (const key of gone) {
      this.#rows.get(key)?.element.remove();
      this.#rows.delete(key);
    }
    this.#list.hidden = items.length === 0;
    this.#empty.hidden = items.length > 0;
  }
}
