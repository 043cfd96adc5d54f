/** A canvas outside the page for pixels on their way. It grows to the largest size that was asked for. */
export class SpareCanvas {
  #context: CanvasRenderingContext2D | undefined;

  /** Returns the context of a canvas that is at least so large. What it showed may be gone. */
  context(width: number, height: number): CanvasRenderingContext2D {
    this.#context ??= create();
    const { canvas } = this.#context;
    if (canvas.width < width) canvas.width = width;
    if (canvas.height < height) canvas.height = height;
    return this.#context;
  }

  /** Gives the memory back. */
  free(): void {
    this.#context = undefined;
  }
}

function create(): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('This browser has no 2D canvas.');
  return context;
}
