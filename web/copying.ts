/** Buttons that copy a text, such as a link or a checksum: `data-copy`. */
import { setText } from "./common/dom.ts";
import { toast } from "./toasts.ts";

/** Follows the buttons. They are hidden without script. */
export function followCopying(): void {
  document.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLElement)) return;
    try {
      await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
      toast("Copied");
    } catch {
      toast("The browser did not allow to copy; select the text and copy it by hand");
    }
  });
}

/** Shows what works with script only, in a part of the page. */
export function unhide(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-copy], [data-script]")) {
    element.hidden = false;
  }
  const note = root.querySelector("[data-filter-count]");
  if (note) setText(note, "");
}
