import { type BarTextName, barText as text } from '../text/bar-texts.ts';
import type { Dock } from './dock.ts';
import { makeDockable } from './dockable.ts';
import { h, type IconName, icon } from './dom.ts';
import { type PanelSource, Panels } from './panels.ts';

/** Time after which the unused toolbar hides, in ms. */
const HIDE_AFTER_MS = 2500;

/** Keys that go to the next button, or to the one before. */
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** The button that logs the user out. */
export const SIGN_OUT = 'sign-out';

const STATES = ['connecting', 'connected', 'stalled', 'disconnected'] as const;
export type ConnectionState = (typeof STATES)[number];

/** A button of the toolbar. */
export interface Tool {
  readonly id: string;
  readonly icon: IconName;
  readonly label: BarTextName;
  /** Opens this panel. */
  readonly panel?: PanelSource;
  /** Does this. `isOn` is what the button says afterwards, if it is one that stays pressed. */
  readonly act?: (isOn: boolean) => void;
  readonly isSwitch?: boolean;
  /** Whether it needs a connection, and the right to write. */
  readonly isInput?: boolean;
  /** Whether only owners have it. */
  readonly isOwners?: boolean;
  /** Devices that have it. */
  readonly only?: 'touch' | 'mouse';
}

export interface ToolbarOptions {
  readonly tools: readonly Tool[];
  readonly dock: Dock;
  onDocked(dock: Dock): void;
  /** Called when the user is done with the toolbar: keyboard input goes to the desktop again. */
  onLeave(): void;
  /** Called when a panel could not be loaded. */
  onNotLoaded(): void;
}

interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
}

/** The toolbar at an edge. It hides while the desktop is used, and opens by a click, a tap or the keyboard. */
export class Toolbar {
  readonly #dot = h('span', { id: 'dot', class: 'dot', 'data-state': 'connecting' });
  readonly #name = h('bdi', { id: 'name', class: 'name' }, 'Deskwire');
  readonly #state = h('span', { id: 'state', class: 'visually-hidden', role: 'status' });
  readonly #viewOnly = h('span', { id: 'view-only', class: 'badge', hidden: true }, text('viewOnly'));
  readonly #bar: HTMLElement;
  readonly #handle: HTMLButtonElement;
  readonly #tools: ReadonlyMap<string, readonly [Tool, HTMLButtonElement]>;
  readonly #panels: Panels;
  readonly #onLeave: () => void;
  #isConnected = false;
  #mayWrite = true;
  #isHidden = false;
  #hideTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(parent: ParentNode, options: ToolbarOptions) {
    this.#onLeave = () => options.onLeave();
    this.#tools = new Map(options.tools.map((tool) => [tool.id, [tool, this.#button(tool)]]));
    const divider = h('span', { class: 'divider', 'aria-hidden': 'true' });
    const status = h('p', { class: 'status' }, this.#dot, this.#name, this.#state, this.#viewOnly);
    const buttons = [...this.#tools.values()].map(([, button]) => button);
    const row = h(
      'div',
      { class: 'bar-panel', role: 'toolbar', 'aria-label': text('toolbar') },
      status,
      divider,
      ...buttons,
    );
    this.#handle = h(
      'button',
      { id: 'handle', type: 'button', class: 'handle', 'aria-expanded': 'true', 'aria-controls': 'bar' },
      h('span', { class: 'visually-hidden' }, text('toolbarHandle')),
    );
    const body = h('div', { class: 'bar-body' }, row, this.#handle);
    this.#bar = h('header', { id: 'bar', class: 'bar', 'data-open': 'true' }, body);
    parent.append(this.#bar);
    this.#panels = new Panels(body, {
      onLeave: () => this.#leave(),
      onNotLoaded: () => options.onNotLoaded(),
    });
    makeDockable(this.#bar, this.#handle, options.dock, (dock) => options.onDocked(dock));
    this.setUser(undefined);
    this.#wire();
  }

  setState(state: ConnectionState): void {
    this.#isConnected = state === 'connected' || state === 'stalled';
    this.#dot.dataset.state = state;
    this.#dot.title = text(state);
    // Readers for blind users say again what is set again.
    if (this.#state.textContent !== text(state)) this.#state.textContent = text(state);
    this.#enable();
    // Without a connection the toolbar covers nothing of use.
    if (!this.#isConnected) this.#open();
    this.#hideSoon();
  }

  setName(name: string): void {
    this.#name.textContent = name;
    this.#name.title = name;
  }

  /** Shows who can log out. Undefined: nobody. */
  setUser(name: string | undefined): void {
    const button = this.#tools.get(SIGN_OUT)?.[1];
    if (button === undefined) return;
    button.hidden = name === undefined;
    const label = name === undefined ? text('signOut') : text('signOutOf', { user: name });
    button.title = label;
    button.setAttribute('aria-label', label);
  }

  /** Shows whether the user may only watch, and what owners have. */
  setRights({ read, write, owner }: Rights): void {
    this.#mayWrite = write;
    this.#viewOnly.hidden = write || !read;
    this.#enable();
    for (const [tool, button] of this.#tools.values()) {
      if (!tool.isOwners) continue;
      button.hidden = !owner;
      if (!owner) this.#panels.closeOf(button);
    }
  }

  /** Shows a switch as on or off. */
  setOn(id: string, isOn: boolean): void {
    this.#tools.get(id)?.[1].setAttribute('aria-pressed', String(isOn));
  }

  /** Hides the toolbar until `focus`. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#bar.dataset.hidden = String(isHidden);
  }

  /** Opens the toolbar for the keyboard. */
  focus(): void {
    this.#open();
    this.#usable()[0]?.focus();
  }

  #button(tool: Tool): HTMLButtonElement {
    const label = text(tool.label);
    const button = h(
      'button',
      {
        id: tool.id,
        type: 'button',
        class: tool.only ? `tool ${tool.only}-only` : 'tool',
        title: label,
        'aria-label': label,
        'aria-pressed': tool.isSwitch ? 'false' : undefined,
        'aria-haspopup': tool.panel ? 'dialog' : undefined,
        'aria-expanded': tool.panel ? 'false' : undefined,
        hidden: tool.isOwners,
        onclick: () => {
          if (tool.panel) this.#panels.toggle(button, tool.panel);
          else this.#act(tool, button);
        },
      },
      icon(tool.icon),
    );
    return button;
  }

  #act(tool: Tool, button: HTMLButtonElement): void {
    const isOn = button.getAttribute('aria-pressed') !== 'true';
    if (tool.isSwitch) button.setAttribute('aria-pressed', String(isOn));
    this.#panels.close();
    tool.act?.(isOn);
  }

  #wire(): void {
    this.#bar.addEventListener('pointerleave', () => this.#hideSoon());
    this.#bar.addEventListener('focusin', () => this.#open());
    this.#bar.addEventListener('focusout', () => this.#hideSoon());
    this.#bar.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#leave();
      const step = STEPS[event.key];
      const isInRow = (event.target as HTMLElement).closest('.bar-panel') !== null;
      if (step !== undefined && isInRow) this.#step(step);
    });
    this.#handle.addEventListener('click', () => {
      if (this.#bar.dataset.open === 'true') this.#leave();
      else this.#open();
    });
    document.addEventListener('pointerdown', (event) => {
      if (this.#panels.isOpen && !this.#bar.contains(event.target as Node)) this.#panels.close();
    });
  }

  #enable(): void {
    for (const [tool, button] of this.#tools.values()) {
      if (tool.isInput) button.disabled = !this.#isConnected || !this.#mayWrite;
    }
  }

  #usable(): HTMLButtonElement[] {
    return [...this.#tools.values()]
      .map(([, button]) => button)
      .filter((b) => b.checkVisibility() && !b.disabled);
  }

  #step(by: number): void {
    const tools = this.#usable();
    const at = tools.indexOf(document.activeElement as HTMLButtonElement);
    tools[(at + by + tools.length) % tools.length]?.focus();
  }

  #open(): void {
    clearTimeout(this.#hideTimer);
    this.#setOpen(true);
  }

  #leave(): void {
    this.#panels.close();
    this.#onLeave();
    clearTimeout(this.#hideTimer);
    this.#setOpen(false);
  }

  #hideSoon(): void {
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => {
      const isInUse =
        this.#panels.isOpen || this.#bar.matches(':hover') || this.#bar.contains(document.activeElement);
      if (!isInUse && this.#isConnected) this.#setOpen(false);
    }, HIDE_AFTER_MS);
  }

  #setOpen(isOpen: boolean): void {
    this.#bar.dataset.open = String(isOpen);
    this.#bar.dataset.hidden = String(this.#isHidden && !isOpen);
    this.#handle.setAttribute('aria-expanded', String(isOpen));
  }
}
