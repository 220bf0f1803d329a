/** Selection of several rows: choose all, choose a range with shift, and its summary. */
import { setText } from "./common/dom.ts";

const BOXES = "[data-files] [data-name] input[type=checkbox]";

let last: HTMLInputElement | undefined;

/** Follows the boxes of the list. */
export function followSelection(): void {
  document.addEventListener("click", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || target.type !== "checkbox") return;
    if (target.matches("[data-choose-all]")) chooseAll(target.checked);
    else if (!target.matches(BOXES)) return;
    else if (event.shiftKey && last?.isConnected) chooseRange(last, target);
    last = target;
    showSelection();
  });
}

/** Chooses all rows that are shown, or none. @returns whether there are any */
export function chooseAllRows(checked: boolean): boolean {
  chooseAll(checked);
  showSelection();
  return boxes().length > 0;
}

/** Begins in the field for a file's name, `data-stem`, with the name selected but its extension. */
export function selectStem(): void {
  const field = document.querySelector<HTMLInputElement>("main [data-stem][autofocus]");
  if (!field) return;
  const dot = field.value.lastIndexOf(".");
  field.focus();
  field.setSelectionRange(0, dot > 0 ? dot : field.value.length);
}

/** Brings what depends on the choice up to date: bars of actions, the count, the box for all. */
export function showSelection(): void {
  const all = boxes();
  const count = all.filter(({ checked }) => checked).length;
  for (const bar of document.querySelectorAll<HTMLElement>("[data-selection]")) {
    bar.hidden = count === 0;
  }
  for (const place of document.querySelectorAll("[data-selection-count]")) {
    setText(place, `${count} selected`);
  }
  const whole = document.querySelector<HTMLInputElement>("[data-choose-all]");
  if (!whole) return;
  whole.checked = count > 0 && count === all.length;
  whole.indeterminate = count > 0 && count < all.length;
}

function boxes(): HTMLInputElement[] {
  return Array.from(document.querySelectorAll<HTMLInputElement>(BOXES))
    .filter((box) => box.closest<HTMLElement>("[data-name]")?.hidden === false);
}

function chooseAll(checked: boolean): void {
  for (const box of boxes()) box.checked = checked;
}

function chooseRange(from: HTMLInputElement, to: HTMLInputElement): void {
  const all = boxes();
  const ends = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const box of all.slice(ends[0], ends[1]! + 1)) box.checked = to.checked;
}
