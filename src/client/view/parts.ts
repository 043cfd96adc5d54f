import { h } from '../ui/dom.ts';

/** Elements of a view. */
export interface ViewParts {
  /** What is scrolled if the picture is larger. */
  readonly stage: HTMLElement;
  readonly screen: HTMLCanvasElement;
  /** The text field that gets what is typed. */
  readonly keys: HTMLTextAreaElement;
  /** The pointer of a touch-pad. */
  readonly pointer: HTMLImageElement;
}

/** Creates the elements of a view, and puts them into `root`. */
export function createParts(
  root: ParentNode,
  labels: { readonly desktop: string; readonly keys: string },
): ViewParts {
  const screen = h('canvas', {
    id: 'screen',
    class: 'screen',
    'data-empty': 'true',
    width: 1,
    height: 1,
    role: 'img',
    'aria-label': labels.desktop,
  });
  const stage = h('div', { id: 'stage', class: 'stage', 'data-mode': 'fit' }, screen);
  const keys = h('textarea', {
    id: 'keys',
    class: 'keys',
    'aria-label': labels.keys,
    autocapitalize: 'off',
    autocomplete: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
  });
  const pointer = h('img', { id: 'pointer', class: 'pointer', alt: '', hidden: true });
  root.append(stage, keys, pointer);
  return { stage, screen, keys, pointer };
}
