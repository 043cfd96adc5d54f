/** Calls listeners by the name of an event. `Events` maps names to what the listeners get. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: ((event: Events[Name]) => void)[] } = {};

  /** Returns a function that takes the listener away again. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners[name] ?? [];
    this.#listeners[name] = listeners;
    listeners.push(listener);
    return () => {
      const at = listeners.indexOf(listener);
      if (at >= 0) listeners.splice(at, 1);
    };
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) listener(event);
  }
}
