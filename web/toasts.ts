/** Short messages at the edge of the page, which assistive technology reads out. */
import { h } from "./dom.ts";

const SHOWN_MS = 6000;

/** Shows a message for some seconds, or until it is clicked away. */
export function toast(text: string): void {
  const place = document.querySelector("[data-toasts]");
  if (!place) return;
  const message = h("p", { class: "toast" }, text);
  message.addEventListener("click", () => message.remove());
  place.append(message);
  setTimeout(() => message.remove(), SHOWN_MS);
}
