/**
 * The list by keyboard: arrow keys, Home and End walk its rows, `/` goes to the filter, space
 * chooses a row, Ctrl-A all of them, Escape none, Delete and F2 lead to its actions of that name,
 * Backspace leads up.
 */
import { isField } from "./common/dom.ts";
import { chooseAllRows } from "./selection.ts";

const ROWS = "[data-files] [data-name]";

/** Follows the keys of the page. */
export function followKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = isField(event.target) && !isCheckbox(event.target);
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "a" && !typing && chooseAllRows(true)) event.preventDefault();
      return;
    }
    if (typing) return leaveFilter(event);
    if (press(event.key, event.target)) event.preventDefault();
  });
}

/** Carries out a key's action. @returns whether it has one */
function press(key: string, target: EventTarget | null): boolean {
  const row = target instanceof Element ? target.closest<HTMLElement>(ROWS) : null;
  switch (key) {
    case "/":
      return focus(document.querySelector("[data-filter]"));
    case "ArrowDown":
      return walk(row, 1);
    case "ArrowUp":
      return walk(row, -1);
    case "Home":
      return row !== null && focusRow(rows()[0]);
    case "End":
      return row !== null && focusRow(rows().at(-1));
    case " ":
      return !isCheckbox(target) && !(target instanceof HTMLButtonElement) && choose(row);
    case "Escape":
      return !document.querySelector("details.drop[open]") && chooseAllRows(false);
    case "Delete":
      return follow(document.querySelector("[data-selection]:not([hidden]) [data-delete]")) ||
        act(row, "delete");
    case "F2":
      return rename(row);
    case "Backspace":
      return follow(document.querySelector("[data-up]"));
  }
  return false;
}

/** Moves the focus from the filter to the filtered rows. */
function leaveFilter(event: KeyboardEvent): void {
  const { target, key } = event;
  if (!(target instanceof Element) || !target.matches("[data-filter]")) return;
  if (key === "ArrowDown" && focusRow(rows()[0])) event.preventDefault();
}

function rows(): HTMLElement[] {
  return Array.from(document.querySelectorAll<HTMLElement>(ROWS)).filter(({ hidden }) => !hidden);
}

function walk(from: HTMLElement | null, by: number): boolean {
  const all = rows();
  if (from === null) {
    // The page scrolls as ever until the focus is in the list.
    const free = document.activeElement === null || document.activeElement === document.body;
    return by > 0 && free && focusRow(all[0]);
  }
  return focusRow(all[all.indexOf(from) + by]) || true;
}

function focusRow(row: HTMLElement | undefined): boolean {
  return focus(row?.querySelector("a[href]") ?? null);
}

function focus(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.focus();
  if (element instanceof HTMLInputElement) element.select();
  return true;
}

function choose(row: HTMLElement | null): boolean {
  const box = row?.querySelector<HTMLInputElement>("input[type=checkbox]");
  box?.click();
  return box !== null && box !== undefined;
}

/** The action of a row, which is a link or a button `data-action`. */
function act(row: HTMLElement | null, action: string): boolean {
  return follow(row?.querySelector(`[data-action="${action}"]`) ?? null);
}

/** Leads to the page about a row, with the focus in the field for its name. */
function rename(row: HTMLElement | null): boolean {
  const link = row?.querySelector<HTMLAnchorElement>('a[data-action="rename"]');
  if (!link) return false;
  const { href } = link;
  link.search = String(new URLSearchParams({ rename: location.search }));
  link.click();
  link.href = href;
  return true;
}

function follow(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.click();
  return true;
}

function isCheckbox(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === "checkbox";
}
