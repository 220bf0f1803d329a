/**
 * While an upload runs, links and forms of the page exchange its content in place of the page, so
 * that the upload continues. Otherwise the browser follows them as usual.
 */
import { addressIn } from "./common/base_path.ts";
import { type Fetched, fetchPage, type PageRequest } from "./document.ts";
import { mustWait, sendInSession } from "./sending.ts";
import { takeToken } from "./session.ts";
import { toast } from "./toasts.ts";

/** Set once uploads were wanted. */
let busy = () => false;
let shown = () => {};
/** The request that was made last: answers to earlier ones come too late. */
let latest = 0;
/** Number of running requests for a link or form that the user followed. */
let following = 0;
/** Whether the page has been exchanged, so that going back must exchange it too. */
let exchanged = false;

/**
 * Follows links and forms.
 *
 * @param isBusy whether the page has to stay
 * @param onShown called after other content came into the page
 */
export function followNavigation(isBusy: () => boolean, onShown: () => void): void {
  busy = isBusy;
  shown = onShown;
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || !busy()) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || !staysHere(link)) return;
    event.preventDefault();
    go({ url: link.href });
  });
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
    if (mustWait(form)) {
      event.preventDefault();
      following++;
      sendInSession(form, submitter).finally(() => following--);
      return;
    }
    if (form.matches("[data-stay]")) {
      event.preventDefault();
      tryForm(form, requestOf(form, submitter));
      return;
    }
    if (!busy()) return;
    const request = requestOf(form, submitter);
    if (isOwnPage(new URL(request.url))) {
      event.preventDefault();
      go(request);
    } else if (submitter instanceof HTMLButtonElement && isDownload(new URL(request.url))) {
      submitter.formTarget = "_blank";
    }
  });
  addEventListener("popstate", () => {
    if (exchanged) go({ url: location.href }, false);
  });
}

/** Gives the reply to a form the address of its page, so that a reload does not send it again. */
export function takeAddress(): void {
  const address = document.querySelector<HTMLElement>("main[data-address]")?.dataset["address"];
  if (address !== undefined) history.replaceState(history.state, "", address);
}

/**
 * Sends a form with passwords. No page contains typed passwords: if the form is refused, the page
 * of the reply gets them from the previous page.
 */
async function tryForm(form: HTMLFormElement, request: PageRequest): Promise<void> {
  const own = ++latest;
  following++;
  try {
    const fetched = await fetchPage(request);
    if (own !== latest) return;
    const again = Array.from(fetched.document.querySelectorAll<HTMLFormElement>("[data-refused]"))
      .find((other) => other.getAttribute("action") === form.getAttribute("action"));
    for (const field of form.querySelectorAll<HTMLInputElement>("input[type=password]")) {
      const copy = again?.querySelector<HTMLInputElement>(`[name="${field.name}"]`);
      if (copy) copy.value = field.value;
    }
    if (!again && !busy() && fetched.url !== request.url) return location.assign(fetched.url);
    if (!again && fetched.url !== location.href) history.pushState(null, "", fetched.url);
    exchanged = true;
    show(fetched, true);
  } catch (error) {
    toast(error instanceof Error ? error.message : "That did not work");
  } finally {
    following--;
  }
}

/**
 * Fetches the present page and exchanges its content; not while another page that the user
 * requested is loading.
 *
 * @param isFree whether the content may be exchanged, called before and after the fetch
 */
export async function refresh(isFree: () => boolean): Promise<void> {
  if (following === 0 && isFree()) await go({ url: location.href }, false, isFree);
}

async function go(request: PageRequest, noted = true, isFree = () => true): Promise<void> {
  const own = ++latest;
  if (noted) following++;
  try {
    const fetched = await fetchPage(request);
    if (own !== latest || !isFree()) return;
    // A user whose session has ended sees that at the next action, not in the middle of reading.
    if (!noted && new URL(fetched.url).pathname !== new URL(request.url).pathname) return;
    if (noted && fetched.url !== location.href) history.pushState(null, "", fetched.url);
    exchanged = true;
    show(fetched, noted);
  } catch (error) {
    toast(error instanceof Error ? error.message : "That did not work");
  } finally {
    if (noted) following--;
  }
}

function show({ document: fresh, url }: Fetched, other: boolean): void {
  // The page of another account is not this one with other content.
  if (takeToken(fresh).state === "other") return location.assign(url);
  const restoreFocus = keepFocus();
  if (!other) keepChoices(fresh);
  document.title = fresh.title;
  for (const part of ["header", "main"]) {
    const from = fresh.querySelector(part);
    if (from) document.querySelector(part)?.replaceWith(document.adoptNode(from));
  }
  for (const message of fresh.querySelectorAll("[data-toasts] .toast")) {
    toast(message.textContent ?? "");
  }
  if (other) {
    scrollTo(0, 0);
    // As in a page that is loaded.
    const main = document.querySelector("main");
    (main?.querySelector<HTMLElement>("[autofocus]") ?? main)?.focus({ preventScroll: true });
  }
  shown();
  if (!other) restoreFocus();
}

/** Gives the selects of the same page the choices that the user has made in this one. */
function keepChoices(fresh: Document): void {
  for (const select of document.querySelectorAll<HTMLSelectElement>("main select[id]")) {
    const copy = fresh.getElementById(select.id);
    if (copy instanceof HTMLSelectElement) copy.value = select.value;
  }
}

const FOCUSABLE = "a[href], button, input, select, summary, textarea";

/** Remembers the focused element. @returns function that focuses its replacement */
function keepFocus(): () => void {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !focused.closest("header, main")) return () => {};
  const name = focused.closest<HTMLElement>("[data-name]")?.dataset["name"];
  const candidates = () =>
    Array.from(document.querySelectorAll<HTMLElement>(FOCUSABLE)).filter((element) =>
      element.closest<HTMLElement>("[data-name]")?.dataset["name"] === name
    );
  const index = candidates().indexOf(focused);
  return () => candidates()[index]?.focus({ preventScroll: true });
}

/** Whether a link leads to a page that can take this one's place. */
function staysHere(link: HTMLAnchorElement): boolean {
  if (link.target !== "" || link.hasAttribute("download")) return false;
  if (link.hash !== "" && link.pathname === location.pathname) return false;
  return isOwnPage(new URL(link.href));
}

/** Downloads, content of users, the end of the session and other sites are left to the browser. */
function isOwnPage(url: URL): boolean {
  const address = addressIn(url);
  return address !== undefined &&
    !/^\/(raw|zip|actions\/zip|s|api|assets|sign-(in|up|out))(\/|$)/.test(address);
}

/** Whether the reply to a form is a file, for which the page could stay. */
function isDownload(url: URL): boolean {
  return /\/zip(\/|$)/.test(addressIn(url) ?? "");
}

function requestOf(form: HTMLFormElement, submitter: HTMLElement | null): PageRequest {
  const content = new FormData(form, submitter);
  const own = submitter?.getAttribute("formaction");
  const url = new URL(own ?? form.getAttribute("action") ?? "", location.href);
  const method = (submitter?.getAttribute("formmethod") ?? form.method).toUpperCase();
  const pairs = Array.from(content, ([name, value]) => [name, String(value)]);
  if (method === "GET") {
    url.search = new URLSearchParams(pairs).toString();
    return { url: url.href };
  }
  const multipart = form.enctype === "multipart/form-data";
  return { url: url.href, method, body: multipart ? content : new URLSearchParams(pairs) };
}
