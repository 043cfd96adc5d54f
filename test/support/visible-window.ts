import { x } from '../desktop/support.ts';
import { waitFor } from './wait-for.ts';

/**
 * Resolves when a window whose title or class contains `name` is visible. A program may run, and write its files, before
 * that; without a window manager, a key goes to the window under the pointer, or to none.
 */
export async function visibleWindow(environment: NodeJS.ProcessEnv, name: string): Promise<void> {
  await waitFor(`a window of ${name}`, async () => {
    const search = ['search', '--onlyvisible', '--any', '--class', '--name', name];
    // xdotool fails while it finds no window.
    return (await x(environment, 'xdotool', ...search).catch(() => '')) !== '';
  });
}
