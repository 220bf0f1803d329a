/**
 * Forms that change something are sent only while their session lasts. Otherwise the browser would
 * replace the page by a refusal, and what was typed would be lost: the page stays and says what to
 * do.
 */
import { addressIn, hrefOut } from "./common/base_path.ts";
import { h } from "./common/dom.ts";
import { renewToken } from "./session.ts";

/** Forms whose session was found to last, on their way. */
const ready = new WeakSet<HTMLFormElement>();
const asking = new WeakSet<HTMLFormElement>();

/** Whether a form has to wait for {@linkcode sendInSession}. */
export function mustWait(form: HTMLFormElement): boolean {
  if (!form.querySelector('input[name="csrf"]')) return false;
  const target = new URL(form.getAttribute("action") ?? "", location.href);
  if (/^\/(sign-out|s)(\/|$)/.test(addressIn(target) ?? "")) return false;
  return !ready.delete(form);
}

/** Sends a form, or shows why it cannot be sent. A second call for the same form does nothing. */
export async function sendInSession(
  form: HTMLFormElement,
  submitter: HTMLElement | null,
): Promise<void> {
  if (asking.has(form)) return;
  asking.add(form);
  const problem = await findProblem();
  asking.delete(form);
  document.querySelector("[data-unsent]")?.remove();
  if (problem) return show(form, problem);
  ready.add(form);
  form.requestSubmit(submitter?.isConnected ? submitter : null);
}

async function findProblem(): Promise<(Node | string)[] | undefined> {
  try {
    const session = await renewToken();
    if (session.state === "same") return undefined;
    const again = signInLink();
    if (session.state === "none") {
      return ["You are signed out, and nothing was sent. ", again, ", then send it again."];
    }
    return [
      `${session.account} is signed in now, and nothing was sent. `,
      again,
      " with the account of this page, or load the page again.",
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : "The server does not answer";
    return [`${reason}, and nothing was sent. Try again.`];
  }
}

function signInLink(): HTMLElement {
  const next = encodeURIComponent("/account");
  return h(
    "a",
    { href: hrefOut(`/sign-in?next=${next}`), target: "_blank", rel: "noopener" },
    "Sign in in another tab",
  );
}

/** Shows a message above the fields of a form, or above the page if the form is a mere button. */
function show(form: HTMLFormElement, text: readonly (Node | string)[]): void {
  const message = h("p", { class: "notice bad", role: "alert", "data-unsent": true }, ...text);
  const place = form.matches(".fields") ? form : document.querySelector("main") ?? form;
  place.prepend(message);
  message.scrollIntoView({ block: "nearest" });
}
