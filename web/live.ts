/**
 * Parts of a page that update themselves: `data-live="ADDRESS"` with an `id` is fetched every
 * `data-live-ms`, while the page is visible. A part that is scrolled to its end stays there, as a
 * log does.
 */
import { fetchPage } from "./document.ts";
import { newLines } from "./log_lines.ts";
import { localizeTimes } from "./times.ts";

const OFTEN_MS = 2000;

/** Follows all such parts of the page. */
export function followLive(): void {
  const tick = async () => {
    let pause = OFTEN_MS;
    for (const element of document.querySelectorAll<HTMLElement>("[data-live][id]")) {
      pause = Math.max(500, Number(element.dataset["liveMs"]) || OFTEN_MS);
      if (isWanted(element)) await refresh(element).catch(() => {}); // the next one may work
    }
    setTimeout(tick, pause);
  };
  setTimeout(tick, OFTEN_MS);
}

/** Scrolls logs to their end. */
export function scrollLogs(root: ParentNode): void {
  for (const log of root.querySelectorAll("[data-live][role=log]")) {
    log.scrollTop = log.scrollHeight;
  }
}

/** False while the page is hidden, following is off, or something in the element is in use. */
function isWanted(element: HTMLElement): boolean {
  if (document.hidden) return false;
  const onOff = document.querySelector<HTMLInputElement>(`[data-live-switch="${element.id}"]`);
  if (onOff && !onOff.checked) return false;
  const selection = getSelection();
  const selecting = selection !== null && !selection.isCollapsed &&
    element.contains(selection.anchorNode);
  return !selecting && element.querySelector(":focus") === null;
}

async function refresh(element: HTMLElement): Promise<void> {
  const url = element.dataset["live"] || location.href;
  const fetched = await fetchPage({ url, following: true });
  const fresh = fetched.document.getElementById(element.id);
  if (!fresh || !element.isConnected || !isWanted(element)) return;
  localizeTimes(fetched.document);
  const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
  const more = element.getAttribute("role") === "log"
    ? newLines(element.textContent ?? "", fresh.textContent ?? "")
    : undefined;
  if (more !== undefined) element.append(more);
  else if (element.innerHTML !== fresh.innerHTML) element.replaceChildren(...fresh.childNodes);
  if (atEnd) element.scrollTop = element.scrollHeight;
}
