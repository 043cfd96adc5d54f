import type { ScreenPicture } from '../../test/support/xwd.ts';

/** Whether a viewer shows what X does, pixel for pixel. The fourth byte of a pixel is unused. */
export function showsExactly(shown: Uint8Array, { pixels }: ScreenPicture): boolean {
  if (shown.length !== pixels.length) return false;
  const [mine, theirs] = [words(shown), words(pixels)];
  for (let i = 0; i < theirs.length; i++) if ((mine[i]! ^ theirs[i]!) & 0xffffff) return false;
  return true;
}

const words = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength / 4);
