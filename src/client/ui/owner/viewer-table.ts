import { h } from '../dom.ts';
import { bandwidth, decimal, milliseconds, short } from './format.ts';
import { nameOf } from './phrase.ts';
import type { ViewerReading } from './statistics-source.ts';
import { statisticsText as text } from './statistics-text.ts';
import { LACKING_BELOW } from './verdict.ts';

interface TableRow {
  readonly element: HTMLTableRowElement;
  readonly choice: HTMLInputElement;
  readonly cells: readonly HTMLTableCellElement[];
}

/** The viewers in a table, of which one is chosen. */
export class ViewerTable {
  readonly #onChosen: (id: string) => void;
  readonly #rows = new Map<string, TableRow>();
  readonly #body = h('tbody');
  readonly element: HTMLElement;

  constructor(onChosen: (id: string) => void) {
    this.#onChosen = onChosen;
    const head = (['viewer', 'fpsShort', 'bandwidth', 'latency', 'serverNumber', 'linkNumber'] as const).map(
      (name) => h('th', { scope: 'col' }, text(name)),
    );
    this.element = h(
      'div',
      { class: 'table-scroll' },
      h(
        'table',
        { class: 'viewers' },
        h('caption', { class: 'visually-hidden' }, text('viewers')),
        h('thead', {}, h('tr', {}, ...head)),
        this.#body,
      ),
    );
  }

  show(viewers: readonly ViewerReading[], chosen: string): void {
    const gone = new Set(this.#rows.keys());
    for (const reading of viewers) {
      gone.delete(reading.id);
      const row = this.#rowOf(reading);
      row.choice.checked = reading.id === chosen;
      const texts = [
        short(reading.fps),
        bandwidth(reading.bytesPerSecond),
        reading.latencyMs === undefined ? text('noValue') : milliseconds(reading.latencyMs),
        decimal(reading.cpu),
        decimal(reading.network),
      ];
      for (const [i, cell] of row.cells.entries()) cell.textContent = texts[i]!;
      const [cpu, network] = row.cells.slice(-2);
      cpu!.dataset.low = String(reading.cpu < LACKING_BELOW);
      network!.dataset.low = String(reading.network < LACKING_BELOW);
    }
    for (const id of gone) {
      this.#rows.get(id)?.element.remove();
      this.#rows.delete(id);
    }
  }

  #rowOf({ id, user = '' }: ViewerReading): TableRow {
    const known = this.#rows.get(id);
    if (known) return known;
    const choice = h('input', { type: 'radio', name: 'viewer', onchange: () => this.#onChosen(id) });
    const cells = Array.from({ length: 5 }, () => h('td'));
    const label = h('label', {}, choice, nameOf(user));
    const row = { element: h('tr', {}, h('th', { scope: 'row' }, label), ...cells), choice, cells };
    this.#rows.set(id, row);
    // The server lists those first who came first, so that a new one is the last.
    this.#body.append(row.element);
    return row;
  }
}
