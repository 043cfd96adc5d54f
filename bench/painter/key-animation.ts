import { drawScene } from '../scenes/scene.ts';
import type { Animation } from './animation.ts';
import type { Canvas } from './canvas.ts';
import { createStagedAnimation } from './staged-animation.ts';

/** Longest wait for a key, in ms, after which the painter looks whether it should stop. */
const KEY_WAIT_MS = 100;

/**
 * Takes the keyboard, and shows the next small change for each key that is pressed: 200×24 pixels and a frame number, as
 * when a letter is typed.
 */
export async function createKeyAnimation(canvas: Canvas, seed: number): Promise<Animation> {
  const scene = drawScene('small', seed, canvas.size, 1);
  if (scene.kind === 'program') throw new Error('Keys are answered by what the painter paints itself.');
  const staged = await createStagedAnimation(canvas, scene);
  const keys = await KeyWatch.open(canvas);
  return {
    prepare: (number) => staged.prepare(number),
    show: () => staged.show(),
    due: () => keys.pressed(),
    async close() {
      keys.close();
      await staged.close();
    },
  };
}

/** Counts the keys that are pressed. */
class KeyWatch {
  #pressed = 0;
  #wake: (() => void) | undefined;
  #stop: (() => void) | undefined;

  static async open(canvas: Canvas): Promise<KeyWatch> {
    const watch = new KeyWatch();
    watch.#stop = await canvas.watchKeys(() => {
      watch.#pressed++;
      watch.#wake?.();
    });
    return watch;
  }

  /** Resolves with true for each key that was pressed, or with false after a moment without one. */
  async pressed(): Promise<boolean> {
    if (this.#pressed === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, KEY_WAIT_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    if (this.#pressed === 0) return false;
    this.#pressed--;
    return true;
  }

  close(): void {
    this.#stop?.();
  }
}
