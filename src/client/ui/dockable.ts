import { type Dock, dockByKey, dockNear } from './dock.ts';

/** CSS pixels after which a press of the handle is a drag. A larger value makes the toolbar stick, a smaller one jump. */
const DRAG_PX = 6;

/** Puts the toolbar to its edge, and lets the user move it to another place: by its handle, or by keys on that. */
export function makeDockable(
  bar: HTMLElement,
  handle: HTMLElement,
  first: Dock,
  onMoved: (dock: Dock) => void,
): void {
  let dock = first;
  let pressedAt: { readonly x: number; readonly y: number } | undefined;
  let hasMoved = false;
  const place = (): void => {
    bar.dataset.edge = dock.edge;
    // The free room before and behind the toolbar, which so never leaves the window.
    bar.style.gridTemplate =
      dock.edge === 'top'
        ? `auto / ${dock.at}fr auto ${100 - dock.at}fr`
        : `${dock.at}fr auto ${100 - dock.at}fr / auto`;
  };
  handle.addEventListener('pointerdown', (event) => {
    pressedAt = { x: event.clientX, y: event.clientY };
    hasMoved = false;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener('pointermove', (event) => {
    if (!pressedAt) return;
    hasMoved ||= Math.hypot(event.clientX - pressedAt.x, event.clientY - pressedAt.y) > DRAG_PX;
    if (!hasMoved) return;
    dock = dockNear({ x: event.clientX, y: event.clientY }, { width: innerWidth, height: innerHeight });
    place();
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    handle.addEventListener(type, () => {
      if (pressedAt && hasMoved) onMoved(dock);
      pressedAt = undefined;
    });
  }
  handle.addEventListener('keydown', (event) => {
    const moved = dockByKey(dock, event.key);
    if (!moved) return;
    event.preventDefault();
    dock = moved;
    place();
    onMoved(dock);
  });
  // A press would give the handle the focus, and so open the toolbar before the click does.
  handle.addEventListener('mousedown', (event) => event.preventDefault());
  // The end of a drag is no click.
  handle.addEventListener('click', (event) => hasMoved && event.stopImmediatePropagation(), {
    capture: true,
  });
  place();
}
