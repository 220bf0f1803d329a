/** Questions before something ends: a dialog of the page's own. */
import { h } from "./dom.ts";

/**
 * Asks a question. The focus is on the button that changes nothing, and returns to where it was.
 *
 * @param yes the button that does it, in words
 * @param no the button that leaves all as it is
 * @returns whether `yes` was chosen; closing the dialog chooses `no`
 */
export function ask(question: string, yes: string, no: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const keep = h("button", { type: "button", onclick: () => dialog.close() }, no);
  const dialog = h(
    "dialog",
    { class: "ask", "aria-labelledby": "ask-question", onclose: () => end() },
    h("p", { id: "ask-question" }, question),
    h(
      "div",
      { class: "row" },
      h(
        "button",
        { type: "button", class: "danger primary", onclick: () => dialog.close("yes") },
        yes,
      ),
      keep,
    ),
  );
  const end = () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes");
  };
  document.body.append(dialog);
  dialog.showModal();
  keep.focus();
  return promise;
}
