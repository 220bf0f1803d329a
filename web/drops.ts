/** Forms that unfold: the focus goes into them, `Esc` and a click elsewhere fold them. */

const FIELDS = "input:not([type=hidden]), select, textarea";

/** Follows all `<details>` that hold a form. */
export function followDrops(): void {
  document.addEventListener("toggle", ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    if (target.contains(document.activeElement?.closest(FIELDS) ?? null)) return;
    const first = target.querySelector<HTMLElement>('form [aria-invalid="true"]') ??
      target.querySelector("form")?.querySelector<HTMLElement>(FIELDS);
    first?.focus();
  }, true); // it does not bubble
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const drop = event.target instanceof Element
      ? event.target.closest("details.drop[open]")
      : null;
    if (!(drop instanceof HTMLDetailsElement)) return;
    drop.open = false;
    drop.querySelector("summary")?.focus();
    event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    for (const drop of document.querySelectorAll<HTMLDetailsElement>("details.drop[open]")) {
      if (target instanceof Node && target.isConnected && !drop.contains(target)) drop.open = false;
    }
  });
}
