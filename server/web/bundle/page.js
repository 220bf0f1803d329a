// web/common/dom.ts
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== void 0 && child !== false));
  return element;
}
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function isField(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
function meta(name) {
  const found = document.querySelector(`meta[name="${name}"]`);
  return found?.getAttribute("content") ?? void 0;
}
function ownHeaders() {
  const token = meta("csrf-token");
  return token === void 0 ? {} : {
    "X-CSRF-Token": token
  };
}

// web/toasts.ts
var SHOWN_MS = 6e3;
function toast(text) {
  const message = h("p", {
    class: "toast"
  }, text);
  document.querySelector("[data-toasts]")?.append(message);
  endInTime(message);
}
function followToasts() {
  for (const message of document.querySelectorAll("[data-toasts] .toast")) endInTime(message);
}
function forgetDone() {
  const url = new URL(location.href);
  if (!url.searchParams.has("did")) return;
  for (const name of [
    "did",
    "at"
  ]) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}
function endInTime(message) {
  message.addEventListener("click", () => message.remove());
  setTimeout(() => message.remove(), SHOWN_MS);
}

// web/copying.ts
function followCopying() {
  document.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLElement)) return;
    try {
      await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
      toast("Copied");
    } catch {
      toast("The browser did not allow to copy; select the text and copy it by hand");
    }
  });
}
function unhide(root) {
  for (const element of root.querySelectorAll("[data-copy], [data-script]")) {
    element.hidden = false;
  }
  const note = root.querySelector("[data-filter-count]");
  if (note) setText(note, "");
}

// web/drops.ts
var FIELDS = "input:not([type=hidden]), select, textarea";
function followDrops() {
  document.addEventListener("toggle", ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    if (target.contains(document.activeElement?.closest(FIELDS) ?? null)) return;
    const first = target.querySelector('form [aria-invalid="true"]') ?? target.querySelector("form")?.querySelector(FIELDS);
    first?.focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const drop = event.target instanceof Element ? event.target.closest("details.drop[open]") : null;
    if (!(drop instanceof HTMLDetailsElement)) return;
    drop.open = false;
    drop.querySelector("summary")?.focus();
    event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    for (const drop of document.querySelectorAll("details.drop[open]")) {
      if (target instanceof Node && target.isConnected && !drop.contains(target)) drop.open = false;
    }
  });
}

// web/selection.ts
var BOXES = "[data-files] [data-name] input[type=checkbox]";
var last;
function followSelection() {
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
function chooseAllRows(checked) {
  chooseAll(checked);
  showSelection();
  return boxes().length > 0;
}
function selectStem() {
  const field = document.querySelector("main [data-stem][autofocus]");
  if (!field) return;
  const dot = field.value.lastIndexOf(".");
  field.focus();
  field.setSelectionRange(0, dot > 0 ? dot : field.value.length);
}
function showSelection() {
  const all = boxes();
  const count = all.filter(({ checked }) => checked).length;
  for (const bar of document.querySelectorAll("[data-selection]")) {
    bar.hidden = count === 0;
  }
  for (const place of document.querySelectorAll("[data-selection-count]")) {
    setText(place, `${count} selected`);
  }
  const whole = document.querySelector("[data-choose-all]");
  if (!whole) return;
  whole.checked = count > 0 && count === all.length;
  whole.indeterminate = count > 0 && count < all.length;
}
function boxes() {
  return Array.from(document.querySelectorAll(BOXES)).filter((box) => box.closest("[data-name]")?.hidden === false);
}
function chooseAll(checked) {
  for (const box of boxes()) box.checked = checked;
}
function chooseRange(from, to) {
  const all = boxes();
  const ends = [
    all.indexOf(from),
    all.indexOf(to)
  ].sort((a, b) => a - b);
  for (const box of all.slice(ends[0], ends[1] + 1)) box.checked = to.checked;
}

// web/filter.ts
function followFilters() {
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.matches("[data-filter]")) apply(target);
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || !target.matches("[data-filter]")) return;
    if (event.key !== "Escape" || target.value === "") return;
    target.value = "";
    apply(target);
    document.querySelector("[data-filter-clear]")?.click();
  });
}
function apply(field) {
  const wanted = fold(field.value.trim());
  const rows2 = document.querySelectorAll("[data-files] [data-name]");
  let shown2 = 0;
  for (const row of rows2) {
    row.hidden = !fold(row.dataset["name"] ?? "").includes(wanted);
    if (!row.hidden) shown2++;
    else for (const box of row.querySelectorAll(":checked")) box.checked = false;
  }
  showSelection();
  const nothing = document.querySelector("[data-filter-nothing]");
  if (nothing) nothing.hidden = wanted === "" || shown2 > 0;
  const counter = document.querySelector("[data-filter-count]");
  if (!counter) return;
  const more = document.querySelector("a[rel=next], a[rel=prev]") !== null;
  const hint = more ? " on this page; Enter looks through all" : " shown";
  if (rows2.length === 0) setText(counter, wanted === "" ? "" : "Enter looks for it");
  else setText(counter, wanted === "" ? "" : `${shown2} of ${rows2.length}${hint}`);
}
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// web/keys.ts
var ROWS = "[data-files] [data-name]";
function followKeys() {
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
function press(key, target) {
  const row = target instanceof Element ? target.closest(ROWS) : null;
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
      return follow(document.querySelector("[data-selection]:not([hidden]) [data-delete]")) || act(row, "delete");
    case "F2":
      return rename(row);
    case "Backspace":
      return follow(document.querySelector("[data-up]"));
  }
  return false;
}
function leaveFilter(event) {
  const { target, key } = event;
  if (!(target instanceof Element) || !target.matches("[data-filter]")) return;
  if (key === "ArrowDown" && focusRow(rows()[0])) event.preventDefault();
}
function rows() {
  return Array.from(document.querySelectorAll(ROWS)).filter(({ hidden }) => !hidden);
}
function walk(from, by) {
  const all = rows();
  if (from === null) {
    const free = document.activeElement === null || document.activeElement === document.body;
    return by > 0 && free && focusRow(all[0]);
  }
  return focusRow(all[all.indexOf(from) + by]) || true;
}
function focusRow(row) {
  return focus(row?.querySelector("a[href]") ?? null);
}
function focus(element) {
  if (!(element instanceof HTMLElement)) return false;
  element.focus();
  if (element instanceof HTMLInputElement) element.select();
  return true;
}
function choose(row) {
  const box = row?.querySelector("input[type=checkbox]");
  box?.click();
  return box !== null && box !== void 0;
}
function act(row, action) {
  return follow(row?.querySelector(`[data-action="${action}"]`) ?? null);
}
function rename(row) {
  const link = row?.querySelector('a[data-action="rename"]');
  if (!link) return false;
  const { href } = link;
  link.search = String(new URLSearchParams({
    rename: location.search
  }));
  link.click();
  link.href = href;
  return true;
}
function follow(element) {
  if (!(element instanceof HTMLElement)) return false;
  element.click();
  return true;
}
function isCheckbox(target) {
  return target instanceof HTMLInputElement && target.type === "checkbox";
}

// web/document.ts
function fetchPage({ url, method = "GET", body, following: following2 }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.responseType = "document";
    xhr.setRequestHeader("Accept", "text/html");
    if (following2) xhr.setRequestHeader("X-Following", "1");
    xhr.timeout = 3e4;
    xhr.onload = () => {
      const document2 = xhr.responseXML;
      if (document2) resolve({
        document: document2,
        status: xhr.status,
        url: xhr.responseURL
      });
      else reject(new Error(`The server answered ${xhr.status}`));
    };
    xhr.onerror = xhr.ontimeout = () => reject(new Error("The server cannot be reached"));
    xhr.send(body ?? null);
  });
}

// web/log_lines.ts
var LINES_TO_KNOW = 3;
var MAX_CHARACTERS = 2e6;
function newLines(old, fresh) {
  if (old.length > MAX_CHARACTERS) return void 0;
  const known = old.split("\n").slice(-LINES_TO_KNOW - 1).join("\n");
  const at = known === "" ? -1 : fresh.lastIndexOf(known);
  return at < 0 ? void 0 : fresh.slice(at + known.length);
}

// web/times.ts
var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
function localizeTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const { showZone, seconds } = element.dataset;
    const text = localTime(date).slice(0, seconds === void 0 ? 16 : 19).replace("T", " ");
    setText(element, showZone === void 0 ? text : `${text} ${zoneName(date)}`);
    element.title = `${localTime(date).slice(0, 19).replace("T", " ")} ${zoneName(date)} (${zone})`;
  }
  for (const note of root.querySelectorAll("[data-zone]")) {
    const now = zoneName(/* @__PURE__ */ new Date());
    setText(note, `Times are in ${zone === now ? zone : `${zone}, now ${now}`}.`);
  }
  for (const log of root.querySelectorAll("[data-live][role=log]")) {
    setText(log, localizeLines(log.textContent ?? ""));
  }
}
function localizeLines(text) {
  return text.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z(?= )/gm, (time) => localTime(new Date(time)) + offset(new Date(time)));
}
function localTime(date) {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 6e4);
  return local.toISOString().slice(0, -1);
}
function offset(date) {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return "Z";
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}
function zoneName(date) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZoneName: "short"
  }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

// web/live.ts
var OFTEN_MS = 2e3;
function followLive() {
  const tick = async () => {
    let pause = OFTEN_MS;
    for (const element of document.querySelectorAll("[data-live][id]")) {
      pause = Math.max(500, Number(element.dataset["liveMs"]) || OFTEN_MS);
      if (isWanted(element)) await refresh(element).catch(() => {
      });
    }
    setTimeout(tick, pause);
  };
  setTimeout(tick, OFTEN_MS);
}
function scrollLogs(root) {
  for (const log of root.querySelectorAll("[data-live][role=log]")) {
    log.scrollTop = log.scrollHeight;
  }
}
function isWanted(element) {
  if (document.hidden) return false;
  const onOff = document.querySelector(`[data-live-switch="${element.id}"]`);
  if (onOff && !onOff.checked) return false;
  const selection = getSelection();
  const selecting = selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
  return !selecting && element.querySelector(":focus") === null;
}
async function refresh(element) {
  const url = element.dataset["live"] || location.href;
  const fetched = await fetchPage({
    url,
    following: true
  });
  const fresh = fetched.document.getElementById(element.id);
  if (!fresh || !element.isConnected || !isWanted(element)) return;
  localizeTimes(fetched.document);
  const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
  const more = element.getAttribute("role") === "log" ? newLines(element.textContent ?? "", fresh.textContent ?? "") : void 0;
  if (more !== void 0) element.append(more);
  else if (element.innerHTML !== fresh.innerHTML) element.replaceChildren(...fresh.childNodes);
  if (atEnd) element.scrollTop = element.scrollHeight;
}

// web/common/base_path.ts
function basePath() {
  return meta("base-path") ?? "";
}
function hrefOut(address) {
  return basePath() + address;
}
function addressIn({ origin, pathname }) {
  const base = basePath();
  if (origin !== location.origin) return void 0;
  if (pathname !== base && !pathname.startsWith(`${base}/`)) return void 0;
  return pathname.slice(base.length) || "/";
}

// web/session.ts
async function renewToken() {
  const fetched = await fetchPage({
    url: hrefOut("/account")
  });
  const session = takeToken(fetched.document);
  if (session.state !== "none" || isSignedOut(fetched)) return session;
  throw new Error(`The server answered ${fetched.status}`);
}
function takeToken(fresh) {
  const token = content(fresh, "csrf-token");
  const account = content(fresh, "account");
  if (!token || !account) return {
    state: "none"
  };
  if (account !== content(document, "account")) return {
    state: "other",
    account
  };
  document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
  for (const field of document.querySelectorAll('input[name="csrf"]')) {
    field.value = token;
  }
  return {
    state: "same"
  };
}
function isSignedOut({ status, url }) {
  return status === 401 || addressIn(new URL(url)) === "/sign-in";
}
function content(from, name) {
  return from.querySelector(`meta[name="${name}"]`)?.getAttribute("content");
}

// web/sending.ts
var ready = /* @__PURE__ */ new WeakSet();
var asking = /* @__PURE__ */ new WeakSet();
function mustWait(form) {
  if (!form.querySelector('input[name="csrf"]')) return false;
  const target = new URL(form.getAttribute("action") ?? "", location.href);
  if (/^\/(sign-out|s)(\/|$)/.test(addressIn(target) ?? "")) return false;
  return !ready.delete(form);
}
async function sendInSession(form, submitter) {
  if (asking.has(form)) return;
  asking.add(form);
  const problem = await findProblem();
  asking.delete(form);
  document.querySelector("[data-unsent]")?.remove();
  if (problem) return show(form, problem);
  ready.add(form);
  form.requestSubmit(submitter?.isConnected ? submitter : null);
}
async function findProblem() {
  try {
    const session = await renewToken();
    if (session.state === "same") return void 0;
    const again = signInLink();
    if (session.state === "none") {
      return [
        "You are signed out, and nothing was sent. ",
        again,
        ", then send it again."
      ];
    }
    return [
      `${session.account} is signed in now, and nothing was sent. `,
      again,
      " with the account of this page, or load the page again."
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : "The server does not answer";
    return [
      `${reason}, and nothing was sent. Try again.`
    ];
  }
}
function signInLink() {
  const next = encodeURIComponent("/account");
  return h("a", {
    href: hrefOut(`/sign-in?next=${next}`),
    target: "_blank",
    rel: "noopener"
  }, "Sign in in another tab");
}
function show(form, text) {
  const message = h("p", {
    class: "notice bad",
    role: "alert",
    "data-unsent": true
  }, ...text);
  const place = form.matches(".fields") ? form : document.querySelector("main") ?? form;
  place.prepend(message);
  message.scrollIntoView({
    block: "nearest"
  });
}

// web/navigation.ts
var busy = () => false;
var shown = () => {
};
var latest = 0;
var following = 0;
var exchanged = false;
function followNavigation(isBusy, onShown) {
  busy = isBusy;
  shown = onShown;
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || !busy()) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || !staysHere(link)) return;
    event.preventDefault();
    go({
      url: link.href
    });
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
    if (exchanged) go({
      url: location.href
    }, false);
  });
}
function takeAddress() {
  const address = document.querySelector("main[data-address]")?.dataset["address"];
  if (address !== void 0) history.replaceState(history.state, "", address);
}
async function tryForm(form, request) {
  const own = ++latest;
  following++;
  try {
    const fetched = await fetchPage(request);
    if (own !== latest) return;
    const again = Array.from(fetched.document.querySelectorAll("[data-refused]")).find((other) => other.getAttribute("action") === form.getAttribute("action"));
    for (const field of form.querySelectorAll("input[type=password]")) {
      const copy = again?.querySelector(`[name="${field.name}"]`);
      if (copy) copy.value = field.value;
    }
    if (!again && !busy() && fetched.url !== request.url) return location.assign(fetched.url);
    if (!again && fetched.url !== location.href) history.pushState(null, "", fetched.url);
    exchanged = true;
    show2(fetched, true);
  } catch (error) {
    toast(error instanceof Error ? error.message : "That did not work");
  } finally {
    following--;
  }
}
async function refresh2(isFree) {
  if (following === 0 && isFree()) await go({
    url: location.href
  }, false, isFree);
}
async function go(request, noted = true, isFree = () => true) {
  const own = ++latest;
  if (noted) following++;
  try {
    const fetched = await fetchPage(request);
    if (own !== latest || !isFree()) return;
    if (!noted && new URL(fetched.url).pathname !== new URL(request.url).pathname) return;
    if (noted && fetched.url !== location.href) history.pushState(null, "", fetched.url);
    exchanged = true;
    show2(fetched, noted);
  } catch (error) {
    toast(error instanceof Error ? error.message : "That did not work");
  } finally {
    if (noted) following--;
  }
}
function show2({ document: fresh, url }, other) {
  if (takeToken(fresh).state === "other") return location.assign(url);
  const restoreFocus = keepFocus();
  if (!other) keepChoices(fresh);
  document.title = fresh.title;
  for (const part of [
    "header",
    "main"
  ]) {
    const from = fresh.querySelector(part);
    if (from) document.querySelector(part)?.replaceWith(document.adoptNode(from));
  }
  for (const message of fresh.querySelectorAll("[data-toasts] .toast")) {
    toast(message.textContent ?? "");
  }
  if (other) {
    scrollTo(0, 0);
    const main = document.querySelector("main");
    (main?.querySelector("[autofocus]") ?? main)?.focus({
      preventScroll: true
    });
  }
  shown();
  if (!other) restoreFocus();
}
function keepChoices(fresh) {
  for (const select of document.querySelectorAll("main select[id]")) {
    const copy = fresh.getElementById(select.id);
    if (copy instanceof HTMLSelectElement) copy.value = select.value;
  }
}
var FOCUSABLE = "a[href], button, input, select, summary, textarea";
function keepFocus() {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !focused.closest("header, main")) return () => {
  };
  const name = focused.closest("[data-name]")?.dataset["name"];
  const candidates = () => Array.from(document.querySelectorAll(FOCUSABLE)).filter((element) => element.closest("[data-name]")?.dataset["name"] === name);
  const index = candidates().indexOf(focused);
  return () => candidates()[index]?.focus({
    preventScroll: true
  });
}
function staysHere(link) {
  if (link.target !== "" || link.hasAttribute("download")) return false;
  if (link.hash !== "" && link.pathname === location.pathname) return false;
  return isOwnPage(new URL(link.href));
}
function isOwnPage(url) {
  const address = addressIn(url);
  return address !== void 0 && !/^\/(raw|zip|actions\/zip|s|api|assets|sign-(in|up|out))(\/|$)/.test(address);
}
function isDownload(url) {
  return /\/zip(\/|$)/.test(addressIn(url) ?? "");
}
function requestOf(form, submitter) {
  const content2 = new FormData(form, submitter);
  const own = submitter?.getAttribute("formaction");
  const url = new URL(own ?? form.getAttribute("action") ?? "", location.href);
  const method = (submitter?.getAttribute("formmethod") ?? form.method).toUpperCase();
  const pairs = Array.from(content2, ([name, value]) => [
    name,
    String(value)
  ]);
  if (method === "GET") {
    url.search = new URLSearchParams(pairs).toString();
    return {
      url: url.href
    };
  }
  const multipart = form.enctype === "multipart/form-data";
  return {
    url: url.href,
    method,
    body: multipart ? content2 : new URLSearchParams(pairs)
  };
}

// web/row_focus.ts
var KEY = "towpath-row";
function followRows() {
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element) || !target.closest("[data-files] a, form:has([data-files]) button")) {
      return;
    }
    const directory2 = shownDirectory();
    const rows2 = Array.from(document.querySelectorAll("[data-files] [data-name]"));
    const chosen = rows2.filter((row2) => row2.querySelector(":checked"));
    const row = target.closest("[data-name]") ?? chosen[0];
    if (directory2 === void 0 || !row) return;
    const at = rows2.indexOf(row);
    const kept = (one) => one !== row && !chosen.includes(one);
    const next = rows2.slice(at).find(kept) ?? rows2.slice(0, at).findLast(kept);
    const names = [
      row,
      next
    ].flatMap((one) => one?.dataset["name"] ?? []);
    sessionStorage.setItem(KEY, JSON.stringify({
      directory: directory2,
      names
    }));
  }, true);
}
function returnToRow() {
  const directory2 = shownDirectory();
  if (directory2 === void 0) return;
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const wanted = document.querySelector("main [autofocus]");
  if (wanted) return wanted.focus();
  const focused = document.activeElement;
  if (text === null || focused && !focused.matches("body, main")) return;
  const left = JSON.parse(text);
  if (left.directory !== directory2) return;
  for (const name of left.names) {
    const row = document.querySelector(`[data-files] [data-name="${CSS.escape(name)}"]`);
    const link = row?.querySelector("a[href]");
    if (link) return link.focus();
  }
}
function shownDirectory() {
  return document.querySelector("main[data-directory]")?.dataset["directory"];
}

// web/upload/sources.ts
function fromInput(input) {
  const files = Array.from(input.files ?? [], (file) => ({
    file,
    path: file.webkitRelativePath || file.name
  }));
  return {
    files,
    emptyFolders: []
  };
}
async function fromDrop(data) {
  const items = Array.from(data.items).filter(({ kind }) => kind === "file").map((item) => ({
    handle: item.getAsFileSystemHandle?.().catch(() => null),
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile()
  }));
  const chosen = {
    files: [],
    emptyFolders: []
  };
  for (const { handle, entry, file } of items) {
    const found = await handle;
    if (entry?.isDirectory) await takeEntry(entry, entry.name, chosen);
    else if (file) {
      const kept = found instanceof FileSystemFileHandle ? {
        handle: found
      } : {};
      chosen.files.push({
        file,
        path: file.name,
        ...kept
      });
    }
  }
  return chosen;
}
async function takeEntry(entry, path, chosen) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    chosen.files.push({
      file,
      path
    });
    return;
  }
  const reader = entry.createReader();
  let empty = true;
  while (true) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    empty = false;
    for (const child of some) await takeEntry(child, `${path}/${child.name}`, chosen);
  }
  if (empty) chosen.emptyFolders.push(path);
}

// web/upload/unfinished.ts
async function listUnfinished(following2 = false) {
  const reply = await fetch(hrefOut("/api/v1/uploads"), {
    headers: {
      Accept: "application/json",
      ...following2 && {
        "X-Following": "1"
      },
      ...ownHeaders()
    }
  });
  if (!reply.ok) throw new Error(`The server answered ${reply.status}`);
  const { uploads } = await reply.json();
  if (!Array.isArray(uploads)) return [];
  return uploads.filter(({ guest }) => guest !== true);
}

// web/uploading.ts
var loaded;
var LATER_MS = 2e3;
var later;
var able = typeof WebAssembly === "object";
async function load() {
  return loaded ??= await import(new URL("./upload.js", import.meta.url).href);
}
function isUploading() {
  return loaded?.isHeld() ?? false;
}
function followUploads() {
  if (!able) return;
  let inside = 0;
  const mark = (over) => document.body.classList.toggle("dropping", over);
  const wanted = (event) => directory() !== void 0 && event.dataTransfer?.types.includes("Files") === true;
  document.addEventListener("dragenter", (event) => {
    if (wanted(event) && ++inside > 0) mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (wanted(event) && --inside <= 0) mark(false);
  });
  document.addEventListener("dragover", (event) => {
    if (wanted(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!wanted(event)) return;
    event.preventDefault();
    inside = 0;
    mark(false);
    start(fromDrop(event.dataTransfer));
  });
  offerUnfinished();
}
function enhanceUploadForm(root) {
  if (!able) return;
  for (const form of root.querySelectorAll("[data-upload-form]")) {
    form.hidden = true;
    form.before(h("div", {
      class: "upload-start"
    }, picker("Upload files", {
      multiple: true
    }, form.querySelector("svg")), picker("Upload a folder", {
      webkitdirectory: true
    }), h("span", {
      class: "upload-hint"
    }, "or drop them here")));
  }
}
function picker(text, attributes, icon = null) {
  const target = targetHere();
  const input = h("input", {
    type: "file",
    class: "visually-hidden",
    ...attributes,
    onchange: () => {
      start(Promise.resolve(fromInput(input)), target);
      input.value = "";
    }
  });
  return h("label", {
    class: "button"
  }, icon?.cloneNode(true), text, input);
}
function directory() {
  if (!document.querySelector("[data-upload-form]")) return void 0;
  return document.querySelector("[data-directory]")?.dataset["directory"];
}
function targetHere() {
  return {
    directory: directory(),
    asked: document.querySelector("[data-if-exists]")
  };
}
async function start(choosing, target = targetHere()) {
  if (target.directory === void 0) return;
  const ifExists = target.asked?.value ?? "version";
  try {
    const [chosen, uploads] = await Promise.all([
      choosing,
      load()
    ]);
    await uploads.upload(chosen, target.directory, ifExists, showNew);
  } catch (error) {
    console.warn(error);
    toast("The uploads cannot be started; load the page again");
  }
}
async function offerUnfinished() {
  if (directory() === void 0) return;
  const left = await listUnfinished().catch(() => []);
  if (left.length > 0) (await load()).offerUnfinished(left, showNew);
}
function showNew() {
  clearTimeout(later);
  if (isUntouched()) refresh2(isUntouched);
  else if (directory() !== void 0) later = setTimeout(showNew, LATER_MS);
}
function isUntouched() {
  if (directory() === void 0) return false;
  if (document.body.classList.contains("dropping")) return false;
  const main = document.querySelector("main");
  const { activeElement } = document;
  const typing = isField(activeElement) && !activeElement?.matches("[type=file], [type=checkbox]");
  const used = typing && main?.contains(activeElement);
  const begun = main?.querySelector("[data-name] input:checked, details[open], :active");
  const selection = getSelection();
  if (selection && !selection.isCollapsed && main?.contains(selection.anchorNode)) return false;
  const filtered = document.querySelector("[data-filter]")?.value;
  return !used && !begun && !filtered;
}

// web/page.ts
function enhance() {
  unhide(document);
  localizeTimes(document);
  enhanceUploadForm(document);
  showSelection();
  scrollLogs(document);
  forgetDone();
  takeAddress();
  selectStem();
  returnToRow();
}
enhance();
followToasts();
followFilters();
followDrops();
followKeys();
followSelection();
followRows();
followCopying();
followLive();
followNavigation(isUploading, enhance);
followUploads();
