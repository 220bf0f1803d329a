/** Filter as one types: rows whose name does not contain the text are hidden. */
import { setText } from "./common/dom.ts";
import { showSelection } from "./selection.ts";

/** Follows every field `data-filter`, now and after the content was exchanged. */
export function followFilters(): void {
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.matches("[data-filter]")) apply(target);
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || !target.matches("[data-filter]")) return;
    if (event.key !== "Escape" || target.value === "") return;
    target.value = "";
    apply(target);
    // A list that the server has filtered must be requested again.
    document.querySelector<HTMLElement>("[data-filter-clear]")?.click();
  });
}

function apply(field: HTMLInputElement): void {
  const wanted = fold(field.value.trim());
  const rows = document.querySelectorAll<HTMLElement>("[data-files] [data-name]");
  let shown = 0;
  for (const row of rows) {
    row.hidden = !fold(row.dataset["name"] ?? "").includes(wanted);
    if (!row.hidden) shown++;
    // Hidden entries are not deleted along with visible ones.
    else for (const box of row.querySelectorAll<HTMLInputElement>(":checked")) box.checked = false;
  }
  showSelection();
  const nothing = document.querySelector<HTMLElement>("[data-filter-nothing]");
  if (nothing) nothing.hidden = wanted === "" || shown > 0;
  const counter = document.querySelector("[data-filter-count]");
  if (!counter) return;
  // Typing filters the entries on this page; the field's form filters at the server.
  const more = document.querySelector("a[rel=next], a[rel=prev]") !== null;
  const hint = more ? " on this page; Enter looks through all" : " shown";
  if (rows.length === 0) setText(counter, wanted === "" ? "" : "Enter looks for it");
  else setText(counter, wanted === "" ? "" : `${shown} of ${rows.length}${hint}`);
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
