/** Elements made by script. Text goes in as text, never as markup. */

/**
 * A child of an element; `false` and undefined are skipped, so that a condition can be written
 * inline.
 */
export type Child = Node | string | undefined | false;

/** Attributes by name, listeners by `on…`; `true` sets an empty attribute, `false` none. */
export type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

/** Makes an element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** Sets text where it is not that already, so that nothing is announced twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Whether keys that are typed there are meant for a field. */
export function isField(target: EventTarget | null): boolean {
  return target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** The content of a `<meta>` of the page. */
export function meta(name: string): string | undefined {
  const found = document.querySelector(`meta[name="${name}"]`);
  return found?.getAttribute("content") ?? undefined;
}

/** Headers that mark a request as one of the server's own page. */
export function ownHeaders(): Record<string, string> {
  const token = meta("csrf-token");
  return token === undefined ? {} : { "X-CSRF-Token": token };
}
