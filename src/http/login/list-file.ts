import { readRegularFile } from '../../common/read-regular-file.ts';
import { writeFileAtomically } from '../../common/write-file-atomically.ts';

export interface ListFileOptions<Item> {
  readonly path: string;
  /** Bytes that are read at most. */
  readonly maxBytes: number;
  /** Whether a parsed value is an item as it was written. */
  isItem(value: unknown): value is Item;
  onProblem(error: unknown): void;
}

/**
 * A file with a list that should outlive a restart: a JSON array with an item a line. Without it, the server works as
 * well; so its faults are reported once, and end nothing.
 */
export class ListFile<Item> {
  readonly #options: ListFileOptions<Item>;
  #hasProblem = false;

  constructor(options: ListFileOptions<Item>) {
    this.#options = options;
  }

  /** The items that were saved last. None if the file is missing or cannot be used. */
  read(): readonly Item[] {
    const { path, maxBytes, isItem } = this.#options;
    try {
      const found = readRegularFile(path, maxBytes);
      if (found.kind !== 'text') throw new Error(`${path} is too large or not a regular file.`);
      const items: unknown = JSON.parse(found.text);
      if (!Array.isArray(items) || !items.every(isItem))
        throw new Error(`${path} is not what Deskwire wrote.`);
      return items;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#report(error);
      return [];
    }
  }

  /** Replaces the file. Never rejects. */
  async write(items: readonly Item[]): Promise<void> {
    try {
      const lines = items.map((item) => JSON.stringify(item));
      await writeFileAtomically(this.#options.path, `[\n${lines.join(',\n')}\n]\n`);
      this.#hasProblem = false;
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (this.#hasProblem) return;
    this.#hasProblem = true;
    this.#options.onProblem(error);
  }
}
