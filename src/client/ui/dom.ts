/** Attributes: true sets an empty one, false and undefined none. Listeners have names such as `onclick`. */
type Properties = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** Creates an element. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice('on'.length), value);
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/** Pictures of the buttons: lines on a square of 20. */
const ICONS = {
  view: 'M3.5 4.5h13v9h-13zM7 16.5h6M10 13.5v3',
  picture: 'M3.5 4.5h13v11h-13zM3.5 13l4-4 3 3 2.5-2.5 3.5 3.5M13 7.2h.01',
  keys: 'M3.5 3.5h13v13h-13zM7 7.5v5M7 10.3l3-2.8M8.2 9.4l2.1 3.1M12.5 13h1.5',
  clipboard: 'M5.5 4.5h9v12h-9zM8 3.2h4v2.6H8zM7.8 9h4.4M7.8 12h4.4',
  keyboard: 'M2.5 5.5h15v9h-15zM5 8.2h.01M8.3 8.2h.01M11.6 8.2h.01M15 8.2h.01M6.5 11.8h7',
  touchpad: 'M3.5 3.5h13v13h-13zM3.5 12.5h13M10 12.5v4',
  lock: 'M10 3v4M10 13v4M3 10h4M13 10h4M8.5 4.5 10 3l1.5 1.5M8.5 15.5 10 17l1.5-1.5M4.5 8.5 3 10l1.5 1.5M15.5 8.5 17 10l-1.5 1.5',
  fullscreen: 'M7.5 3.5h-4v4M12.5 3.5h4v4M7.5 16.5h-4v-4M12.5 16.5h4v-4',
  screenshot: 'M3.5 6.5h3l1.5-2h4l1.5 2h3v9h-13zM10 13.4a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2',
  help: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M8 8a2 2 0 1 1 2.8 1.9c-.5.2-.8.6-.8 1.1v.5M10 13.9v.01',
  logOut: 'M8.5 3.5h-5v13h5M8 10h8.5M13.5 7l3 3-3 3',
  people:
    'M7.5 9.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4M2.8 16c0-2.6 2-4.2 4.7-4.2s4.7 1.6 4.7 4.2M13 9.3a2.3 2.3 0 1 0-.6-4.5M14.2 12c1.9.3 3.2 1.7 3.2 3.8',
  access:
    'M8.3 11.7a3 3 0 0 0 4.2 0l2.8-2.8a3 3 0 0 0-4.2-4.2l-1 1M11.7 8.3a3 3 0 0 0-4.2 0l-2.8 2.8a3 3 0 0 0 4.2 4.2l1-1',
  statistics: 'M3.5 16.5h13M5.5 13.5V10M9 13.5V5M12.5 13.5V8M16 13.5v-2',
  desktops: 'M3.5 4.5h5.5v4.5h-5.5zM11 4.5h5.5v4.5h-5.5zM3.5 11h5.5v4.5h-5.5zM11 11h5.5v4.5h-5.5z',
  close: 'm5.5 5.5 9 9M14.5 5.5l-9 9',
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
