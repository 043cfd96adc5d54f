/** Knows which elements can be seen. */
export class Sight {
  readonly #seen = new Set<Element>();
  readonly #observer: IntersectionObserver;

  /** `onSeen` is called when further elements can be seen. */
  constructor(onSeen: () => void) {
    this.#observer = new IntersectionObserver((entries) => {
      let isMore = false;
      for (const { target, isIntersecting } of entries) {
        isMore ||= isIntersecting && !this.#seen.has(target);
        if (isIntersecting) this.#seen.add(target);
        else this.#seen.delete(target);
      }
      if (isMore) onSeen();
    });
  }

  add(element: Element): void {
    this.#observer.observe(element);
  }

  drop(element: Element): void {
    this.#observer.unobserve(element);
    this.#seen.delete(element);
  }

  sees(element: Element): boolean {
    return this.#seen.has(element);
  }
}
