/** Short messages at the edge of the page, which assistive technology reads out. */
import { h } from "./common/dom.ts";

const SHOWN_MS = 6000;

/** Shows a message for some seconds, or until it is clicked away. */
export function toast(text: string): void {
  const message = h("p", { class: "toast" }, text);
  document.querySelector("[data-toasts]")?.append(message);
  endInTime(message);
}

/**
 * Takes over the messages that came with the page: they go in time, and do not come again where the
 * page is loaded again.
 */
export function followToasts(): void {
  for (const message of document.querySelectorAll("[data-toasts] .toast")) endInTime(message);
}

/** Removes the result of the last action, which the page shows, from the address. */
export function forgetDone(): void {
  const url = new URL(location.href);
  if (!url.searchParams.has("did")) return;
  for (const name of ["did", "at"]) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}

function endInTime(message: Element): void {
  message.addEventListener("click", () => message.remove());
  setTimeout(() => message.remove(), SHOWN_MS);
}
