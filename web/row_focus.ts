/**
 * The focus in the list of files: it returns to the row from which the user left the list, or to
 * the one behind it if that row is gone.
 */

const KEY = "towpath-row";

/** Names of rows in the order in which they get the focus, and the directory they are in. */
interface Left {
  directory: string;
  names: string[];
}

/** Remembers the row whose link or button is used. */
export function followRows(): void {
  document.addEventListener("click", ({ target }) => {
    if (
      !(target instanceof Element) ||
      !target.closest("[data-files] a, form:has([data-files]) button")
    ) {
      return;
    }
    const directory = shownDirectory();
    const rows = Array.from(document.querySelectorAll<HTMLElement>("[data-files] [data-name]"));
    const chosen = rows.filter((row) => row.querySelector(":checked"));
    const row = target.closest<HTMLElement>("[data-name]") ?? chosen[0];
    if (directory === undefined || !row) return;
    const at = rows.indexOf(row);
    const kept = (one: HTMLElement) => one !== row && !chosen.includes(one);
    const next = rows.slice(at).find(kept) ?? rows.slice(0, at).findLast(kept);
    const names = [row, next].flatMap((one) => one?.dataset["name"] ?? []);
    sessionStorage.setItem(KEY, JSON.stringify({ directory, names } satisfies Left));
  }, true); // before the page is left
}

/** Gives the focus back in a list that is shown again, unless something else has it. */
export function returnToRow(): void {
  const directory = shownDirectory();
  if (directory === undefined) return;
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const wanted = document.querySelector<HTMLElement>("main [autofocus]");
  if (wanted) return wanted.focus();
  const focused = document.activeElement;
  if (text === null || (focused && !focused.matches("body, main"))) return;
  const left: Left = JSON.parse(text);
  if (left.directory !== directory) return;
  for (const name of left.names) {
    const row = document.querySelector(`[data-files] [data-name="${CSS.escape(name)}"]`);
    const link = row?.querySelector<HTMLElement>("a[href]");
    if (link) return link.focus();
  }
}

function shownDirectory(): string | undefined {
  return document.querySelector<HTMLElement>("main[data-directory]")?.dataset["directory"];
}
