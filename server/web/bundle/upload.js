// common/counted.ts
function grouped(count) {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
function counted(count, one, several = `${one}s`) {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}

// web/common/dom.ts
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name2, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name2.slice(2), value);
    else if (value === true) element.setAttribute(name2, "");
    else if (value !== false) element.setAttribute(name2, String(value));
  }
  element.append(...children.filter((child) => child !== void 0 && child !== false));
  return element;
}
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function meta(name2) {
  const found = document.querySelector(`meta[name="${name2}"]`);
  return found?.getAttribute("content") ?? void 0;
}
function ownHeaders() {
  const token = meta("csrf-token");
  return token === void 0 ? {} : {
    "X-CSRF-Token": token
  };
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

// web/document.ts
function fetchPage({ url, method = "GET", body, following }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.responseType = "document";
    xhr.setRequestHeader("Accept", "text/html");
    if (following) xhr.setRequestHeader("X-Following", "1");
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
function content(from, name2) {
  return from.querySelector(`meta[name="${name2}"]`)?.getAttribute("content");
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
function endInTime(message) {
  message.addEventListener("click", () => message.remove());
  setTimeout(() => message.remove(), SHOWN_MS);
}

// web/upload/claims.ts
var PREFIX = "towpath upload ";
var own = /* @__PURE__ */ new Map();
function claim(id) {
  if (own.has(id) || !navigator.locks) return;
  const { promise, resolve } = Promise.withResolvers();
  own.set(id, resolve);
  navigator.locks.request(PREFIX + id, () => promise).catch(() => {
  });
}
function release(id) {
  own.get(id)?.();
  own.delete(id);
}
async function claimedElsewhere() {
  const { held = [] } = await navigator.locks?.query() ?? {};
  const ids = held.flatMap(({ name: name2 }) => name2?.startsWith(PREFIX) ? [
    name2.slice(PREFIX.length)
  ] : []);
  return new Set(ids.filter((id) => !own.has(id)));
}

// common/duration.ts
function formatDuration(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1e3));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(minutes / 60 / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

// common/size.ts
var UNITS = [
  "",
  "K",
  "M",
  "G",
  "T",
  "P"
];
function formatSize(bytes) {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}iB`;
}

// web/common/format.ts
function percent(part, whole) {
  return whole === 0 ? 100 : Math.floor(part * 100 / whole);
}

// web/common/ask.ts
function ask(question, yes, no) {
  const { promise, resolve } = Promise.withResolvers();
  const keep = h("button", {
    type: "button",
    onclick: () => dialog.close()
  }, no);
  const dialog = h("dialog", {
    class: "ask",
    "aria-labelledby": "ask-question",
    onclose: () => end()
  }, h("p", {
    id: "ask-question"
  }, question), h("div", {
    class: "row"
  }, h("button", {
    type: "button",
    class: "danger primary",
    onclick: () => dialog.close("yes")
  }, yes), keep));
  const end = () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes");
  };
  document.body.append(dialog);
  dialog.showModal();
  keep.focus();
  return promise;
}

// web/upload/row.ts
function makeRow(job, actions) {
  const bar = h("progress", {
    max: 100,
    value: 0,
    "aria-label": `Progress of ${job.name}`
  });
  const state = h("span", {
    class: "upload-state"
  });
  const pause = button("Pause", job, () => actions.pause(job));
  const resume2 = button("Resume", job, () => actions.resume(job));
  const cancel = button("Cancel", job, () => actions.cancel(job));
  const element = h("li", {
    class: "upload"
  }, h("span", {
    class: "upload-name",
    title: job.upload.path
  }, job.name), h("span", {
    class: "upload-actions"
  }, pause, resume2, cancel), bar, state);
  const update = () => {
    element.dataset["state"] = job.state;
    bar.value = percent(job.sent, job.size);
    bar.hidden = job.state === "done" || job.state === "cancelled";
    setText(state, describe(job));
    show(pause, job.pending);
    show(resume2, job.resumable);
    show(cancel, job.pending || job.resumable);
    name(resume2, labelOfResume(job), job);
  };
  update();
  return {
    element,
    update
  };
}
function describe(job) {
  const sent = `${formatSize(job.sent)} of ${formatSize(job.size)}`;
  switch (job.state) {
    case "waiting":
      return `Waiting, ${formatSize(job.size)}`;
    case "paused":
      return job.failure ? job.failure.message : `Paused at ${sent}`;
    case "failed":
      return job.failure?.message ?? "Failed";
    case "cancelled":
      return "Cancelled";
    case "done":
      return describeDone(job);
    case "active":
      return describeActive(job, sent);
  }
}
function describeDone(job) {
  const path = job.stored?.path;
  const as = path !== void 0 && path !== job.upload.path ? ` as ${path.slice(path.lastIndexOf("/") + 1)}` : "";
  const same = job.stored?.hash === void 0 ? "" : ", same SHA-256 on both sides";
  return `Done${as}, ${formatSize(job.size)}${same}`;
}
function describeActive(job, sent) {
  const activity = job.transfer?.activity;
  if (activity?.name === "retrying") {
    const seconds = Math.ceil(activity.pauseMs / 1e3);
    return `${activity.message}; trying again in ${seconds} s, ${sent}`;
  }
  return activity?.name === "checking" ? `Computing the checksum, ${sent}` : sent;
}
function labelOfResume({ failure }) {
  if (failure?.kind === "other-file") return "Upload as new";
  return failure === void 0 || failure.kind === "signed-out" ? "Resume" : "Try again";
}
function button(text, job, act) {
  const made = h("button", {
    type: "button",
    onclick: act
  });
  name(made, text, job);
  return made;
}
function name(button2, text, job) {
  if (button2.textContent === text) return;
  button2.textContent = text;
  button2.setAttribute("aria-label", `${text} ${job.name}`);
}
function show(button2, shown) {
  if (button2.hidden === !shown) return;
  const focused = document.activeElement === button2;
  button2.hidden = !shown;
  if (!focused) return;
  const next = button2.parentElement?.querySelector("button:not([hidden])");
  next?.focus();
}

// web/upload/dock.ts
var MAX_ROWS = 60;
var REFRESH_MS = 250;
var Dock = class {
  queue;
  goOn;
  element;
  /** Where the unfinished uploads are listed. */
  #unfinished;
  #title;
  #total;
  #bar;
  #list;
  #more;
  #said;
  #rows;
  #buttons;
  #body;
  #timer;
  /** @param goOn resumes uploads, once their requirements are met */
  constructor(queue2, goOn) {
    this.queue = queue2;
    this.goOn = goOn;
    this.#unfinished = h("div", {
      class: "dock-unfinished"
    });
    this.#title = h("h2", {}, "Uploads");
    this.#total = h("p", {
      class: "dock-total"
    });
    this.#bar = h("progress", {
      max: 100,
      value: 0,
      "aria-label": "Progress of all uploads"
    });
    this.#list = h("ul", {
      class: "dock-list"
    });
    this.#more = h("p", {
      class: "dock-more",
      hidden: true
    });
    this.#said = h("p", {
      class: "visually-hidden",
      role: "status"
    });
    this.#rows = /* @__PURE__ */ new Map();
    this.#timer = 0;
    const button2 = (text, act) => h("button", {
      type: "button",
      onclick: act
    }, text);
    this.#buttons = {
      pause: button2("Pause all", () => queue2.pauseAll()),
      resume: button2("Resume all", () => goOn(queue2.jobs.filter((job) => job.continues))),
      cancel: button2("Cancel all", () => this.#cancelAll()),
      fold: button2("Hide", () => this.#fold(!this.#body.hidden)),
      close: button2("Close", () => this.#close())
    };
    this.#buttons.fold.setAttribute("aria-expanded", "true");
    const { pause, resume: resume2, cancel, fold, close } = this.#buttons;
    this.#body = h("div", {
      class: "dock-body",
      id: "dock-body",
      tabindex: 0,
      role: "group",
      "aria-label": "Files"
    }, this.#list, this.#more, this.#unfinished);
    fold.setAttribute("aria-controls", "dock-body");
    this.element = h("section", {
      class: "dock",
      "aria-label": "Uploads"
    }, h("div", {
      class: "dock-head"
    }, this.#title, fold, close), this.#bar, this.#total, h("div", {
      class: "dock-actions"
    }, pause, resume2, cancel), this.#body, this.#said);
  }
  /** Puts the panel into the page, and brings it up to date. */
  show() {
    if (!this.element.isConnected) document.body.append(this.element);
    this.update();
  }
  /** Opens it, where it was folded. */
  open() {
    this.#fold(false);
    this.show();
  }
  /** Lists unfinished uploads. A panel that would be empty is closed. */
  offer(nodes) {
    const place = this.#unfinished;
    const label = place.contains(document.activeElement) ? document.activeElement?.getAttribute("aria-label") : void 0;
    place.replaceChildren(...nodes);
    if (label) place.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
    if (nodes.length === 0 && this.queue.jobs.length === 0) this.#close();
  }
  /** Says something to who does not see it. */
  say(text) {
    setText(this.#said, text);
  }
  /** Schedules an update; several calls share one. */
  changed() {
    if (this.#timer !== 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.update();
      if (this.queue.jobs.some((job) => job.pending)) this.changed();
    }, REFRESH_MS);
  }
  /** Brings everything up to date. */
  update() {
    const totals = this.queue.totals();
    const { pending, paused, failed, jobs } = totals;
    setText(this.#total, describeTotals(totals));
    this.#bar.value = percent(totals.sent, totals.bytes);
    this.#bar.hidden = jobs === 0;
    this.#total.hidden = jobs === 0;
    this.#buttons.pause.hidden = pending === 0;
    this.#buttons.resume.hidden = totals.resumable === 0;
    this.#buttons.cancel.hidden = pending + paused + failed === 0;
    this.#buttons.close.hidden = pending + paused + failed > 0;
    this.#updateRows();
  }
  #updateRows() {
    const { jobs } = this.queue;
    const ordered = [
      ...jobs
    ].sort(byInterest).slice(0, MAX_ROWS);
    const shown = new Set(ordered);
    for (const [job, row] of this.#rows) {
      if (shown.has(job)) continue;
      row.element.remove();
      this.#rows.delete(job);
    }
    for (const job of ordered) {
      const row = this.#rows.get(job);
      if (row) row.update();
      else this.#addRow(job);
    }
    putInOrder(this.#list, ordered.map((job) => this.#rows.get(job).element));
    setText(this.#more, `and ${jobs.length - shown.size} more`);
    this.#more.hidden = jobs.length === shown.size;
  }
  #addRow(job) {
    const row = makeRow(job, {
      pause: (job2) => this.queue.pause(job2),
      resume: (job2) => this.goOn([
        job2
      ]),
      cancel: (job2) => this.#cancel(job2)
    });
    this.#rows.set(job, row);
  }
  async #cancel(job) {
    const sent = job.sent > 0 ? ` The ${formatSize(job.sent)} that were sent are dropped.` : "";
    const question = `Cancel the upload of ${job.name}?${sent}`;
    if (await ask(question, "Cancel the upload", "Continue")) await this.queue.cancel(job);
  }
  async #cancelAll() {
    const { pending, paused, failed } = this.queue.totals();
    const count = pending + paused + failed;
    const uploads = count === 1 ? "1 upload" : `${count} uploads`;
    const question = `Cancel ${uploads}? Files that have arrived stay.`;
    if (await ask(question, `Cancel ${uploads}`, "Continue")) await this.queue.cancelAll();
  }
  #fold(folded) {
    this.#body.hidden = folded;
    this.#buttons.fold.setAttribute("aria-expanded", String(!folded));
    setText(this.#buttons.fold, folded ? "Show" : "Hide");
  }
  #close() {
    this.queue.clear();
    const focused = this.element.contains(document.activeElement);
    this.element.remove();
    if (focused) document.querySelector("main")?.focus({
      preventScroll: true
    });
  }
};
var INTEREST = [
  "active",
  "failed",
  "paused",
  "waiting",
  "done",
  "cancelled"
];
function byInterest(one, other) {
  return INTEREST.indexOf(one.state) - INTEREST.indexOf(other.state);
}
function putInOrder(list, elements) {
  const focused = document.activeElement;
  let next = list.firstElementChild;
  for (const element of elements) {
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
  if (focused instanceof HTMLElement && list.contains(focused)) {
    focused.focus({
      preventScroll: true
    });
  }
}
function describeTotals(totals) {
  const { jobs, done, failed, paused, pending, bytes, sent, perSecond, secondsLeft: secondsLeft2 } = totals;
  const files = `${done} of ${counted(jobs, "file")}`;
  const parts = [
    files,
    `${formatSize(sent)} of ${formatSize(bytes)}`
  ];
  if (pending > 0 && perSecond !== void 0) parts.push(`${formatSize(perSecond)}/s`);
  if (pending > 0 && secondsLeft2 !== void 0) {
    parts.push(`${formatDuration(secondsLeft2 * 1e3)} left`);
  }
  if (paused > 0) parts.push(`${paused} paused`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(" \xB7 ");
}

// web/upload/folders.ts
async function makeFolders(directory, folders) {
  let failed = 0;
  for (const name2 of folders) {
    const reply = await fetch(hrefOut("/actions/mkdir"), {
      method: "POST",
      headers: ownHeaders(),
      body: new URLSearchParams({
        directory,
        name: name2,
        parents: "yes"
      }),
      redirect: "manual"
    }).catch(() => void 0);
    if (reply?.type !== "opaqueredirect") failed++;
  }
  return failed;
}

// web/upload/failure.ts
var UploadFailure = class extends Error {
  kind;
  afterMs;
  name;
  /** @param afterMs retry time that the server requested, if any */
  constructor(kind, message, afterMs) {
    super(message), this.kind = kind, this.afterMs = afterMs, this.name = "UploadFailure";
  }
};
function isPassing(failure) {
  return failure.kind === "network" || failure.kind === "busy";
}
function isRetried(failure) {
  return isPassing(failure) || [
    "offset",
    "gone",
    "signed-out"
  ].includes(failure.kind);
}
var KINDS = {
  404: "gone",
  408: "network",
  409: "offset",
  410: "gone",
  423: "busy",
  425: "busy",
  429: "busy",
  460: "mismatch",
  500: "busy",
  502: "busy",
  503: "busy",
  504: "busy"
};
var CONFLICTS = [
  "exists",
  "is-directory",
  "not-directory",
  "not-empty"
];
function failureOf(status, body, retryAfter) {
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  const afterMs = Number.isFinite(seconds) ? Math.max(0, seconds) * 1e3 : void 0;
  const problem = problemIn(body);
  if (status === 401 || problem.kind === "cross-site") {
    return new UploadFailure("signed-out", SIGNED_OUT);
  }
  const kind = CONFLICTS.includes(problem.kind) ? "refused" : KINDS[status] ?? "refused";
  return new UploadFailure(kind, problem.text ?? `The server answered ${status}`, afterMs);
}
var SIGNED_OUT = "You are signed out: sign in again in another tab, and resume here";
function problemIn(body) {
  try {
    const { detail, title, kind } = JSON.parse(body);
    for (const text of [
      detail,
      title
    ]) {
      if (typeof text === "string" && text !== "") return {
        text,
        kind
      };
    }
  } catch {
    const text = body.trim();
    if (text !== "" && text.length <= 200 && !text.startsWith("<")) return {
      text
    };
  }
  return {};
}

// web/upload/hash_pool.ts
function hashPool(start) {
  const idle = [];
  let lastId = 0;
  return (file, proveAt) => {
    const worker = idle.pop() ?? start();
    const id = ++lastId;
    const prefix = Promise.withResolvers();
    const whole = Promise.withResolvers();
    let through = false;
    const fail = (failure) => {
      through = true;
      worker.terminate();
      prefix.reject(failure);
      whole.reject(failure);
    };
    worker.onmessage = ({ data }) => {
      if (data.type === "unable") return fail(unable());
      if (data.id !== id) return;
      if (data.type === "failed") return fail(new UploadFailure("unreadable", data.message));
      if (data.type === "prefix") return prefix.resolve(data.hash);
      through = true;
      whole.resolve(data.hash);
      idle.push(worker);
    };
    worker.onerror = () => fail(unable());
    prefix.promise.catch(() => {
    });
    whole.promise.catch(() => {
    });
    worker.postMessage({
      id,
      file,
      ...proveAt !== void 0 && {
        proveAt
      }
    });
    return {
      prefix: prefix.promise,
      whole: whole.promise,
      stop() {
        if (!through) worker.terminate();
      }
    };
  };
}
function unable() {
  return new UploadFailure("refused", "This browser cannot compute checksums: load the page again");
}

// web/upload/memory.ts
var STORE = "uploads";
function openMemory(basePath2, account) {
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open(`towpath${basePath2} ${account}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, {
      keyPath: "id"
    });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const run = async (mode, ask2) => {
    try {
      const database = await opened;
      return await new Promise((resolve, reject) => {
        const request = ask2(database.transaction(STORE, mode).objectStore(STORE));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } catch {
      return void 0;
    }
  };
  return {
    all: async () => await run("readonly", (store) => store.getAll()) ?? [],
    keep: async (upload2) => void await run("readwrite", (store) => store.put(upload2)),
    forget: async (id) => void await run("readwrite", (store) => store.delete(id))
  };
}

// web/upload/job.ts
var Job = class {
  file;
  upload;
  resumed;
  state;
  /** Why it failed, or was paused by itself. */
  failure;
  /** The stored file. */
  stored;
  /** Whether the server got the request once: see {@linkcode Transfer.asked}. */
  asked;
  /** The running transfer. */
  transfer;
  /** Ends the running transfer. */
  stop;
  #sent;
  constructor(file, upload2, resumed) {
    this.file = file;
    this.upload = upload2;
    this.resumed = resumed;
    this.state = "waiting";
    this.asked = false;
    this.#sent = 0;
  }
  get name() {
    return this.upload.path.slice(this.upload.path.lastIndexOf("/") + 1);
  }
  /** Address of the unfinished upload at the server. */
  get url() {
    return this.resumed?.url;
  }
  get size() {
    return this.upload.sizeBytes;
  }
  /** Bytes that are through, as far as known. */
  get sent() {
    if (this.state === "done") return this.size;
    return this.#sent = this.transfer?.sent ?? this.#sent;
  }
  /** Whether anything is still to be done by itself. */
  get pending() {
    return this.state === "waiting" || this.state === "active";
  }
  /** Whether the user can resume it. */
  get resumable() {
    return this.state === "paused" || this.state === "failed";
  }
  /** Whether it continues where it stopped, so that it is resumed together with others. */
  get continues() {
    return this.resumable && (this.failure === void 0 || isRetried(this.failure));
  }
};

// web/upload/rate.ts
var WINDOW_MS = 5e3;
var MIN_MS = 500;
var Rate = class {
  #samples = [];
  /** Adds `bytes` that have been sent. */
  add(bytes, nowMs) {
    this.#samples.push({
      atMs: nowMs,
      bytes
    });
    this.#forget(nowMs);
  }
  /** Bytes a second, or undefined before that can be said. */
  perSecond(nowMs) {
    this.#forget(nowMs);
    const first = this.#samples[0];
    if (first === void 0) return void 0;
    const spanMs = nowMs - first.atMs;
    if (spanMs < MIN_MS) return void 0;
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, -first.bytes);
    return Math.max(0, bytes * 1e3 / spanMs);
  }
  #forget(nowMs) {
    const from = this.#samples.findIndex(({ atMs }) => atMs >= nowMs - WINDOW_MS);
    this.#samples = from < 0 ? [] : this.#samples.slice(from);
  }
};
function secondsLeft(left, perSecond) {
  return perSecond === void 0 || perSecond < 1 ? void 0 : Math.ceil(left / perSecond);
}

// web/upload/retry.ts
var FIRST_MS = 1e3;
var LONGEST_MS = 3e4;
function pauseMs(attempt, random = Math.random) {
  const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(pause * (0.8 + 0.4 * random()));
}
async function wait(ms, signal) {
  signal.throwIfAborted();
  await new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
  signal.throwIfAborted();
}

// web/upload/transfer.ts
var SMALL_BYTES = 4 * 1024 * 1024;
var PIECE_BYTES = 32 * 1024 * 1024;
var MAX_SETBACKS = 5;
var Transfer = class {
  parts;
  upload;
  file;
  resumed;
  /** Called after every change of what can be read here. */
  onChange;
  /** Called with the address of the upload as soon as there is one, and without once it is void. */
  onAddress;
  #url;
  #asked;
  #sent;
  #activity;
  constructor(parts, upload2, file, resumed, asked = false) {
    this.parts = parts;
    this.upload = upload2;
    this.file = file;
    this.resumed = resumed;
    this.#sent = 0;
    this.#activity = {
      name: "checking"
    };
    this.#url = resumed?.url;
    this.#asked = asked;
  }
  /**
   * Whether the server got the request to create the upload. If it is repeated, the first answer
   * may have been lost after the file was complete: the same content must not become another
   * version.
   */
  get asked() {
    return this.#asked;
  }
  /** Bytes that have left, as far as known. */
  get sent() {
    return this.#sent;
  }
  get activity() {
    return this.#activity;
  }
  /**
   * Sends the missing bytes.
   *
   * @returns the server's description of the stored file
   * @throws {UploadFailure} for failures that do not pass by themselves; the reason of `signal`
   * once aborted
   */
  async run(signal) {
    const hash = await this.#proved(signal) ?? this.parts.hash(this.file);
    try {
      return await this.#untilDone(hash, signal);
    } finally {
      hash.stop();
    }
  }
  /** Makes sure that the file is the one that the upload was begun with, where it was. */
  async #proved(signal) {
    const { resumed } = this;
    if (resumed === void 0 || resumed.ifOther === "trust") return void 0;
    this.#now({
      name: "checking"
    });
    let hash;
    try {
      const { url } = resumed;
      const standing = await this.#trying(signal, () => this.parts.tus.head(url, signal));
      const { offset, sizeBytes, prefixHash } = standing;
      if (offset > this.file.size || (sizeBytes ?? this.file.size) !== this.file.size) {
        throw otherFile();
      }
      hash = this.parts.hash(this.file, offset);
      if (prefixHash === void 0) return hash;
      if (await unlessAborted(hash.prefix, signal) !== prefixHash) throw otherFile();
      return hash;
    } catch (error) {
      hash?.stop();
      if (!(error instanceof UploadFailure)) throw error;
      const restarts = error.kind === "other-file" && resumed.ifOther === "restart";
      if (error.kind !== "gone" && !restarts) throw error;
      this.#restart();
      return void 0;
    }
  }
  async #untilDone(hash, signal) {
    let offset = this.#url === void 0 ? 0 : void 0;
    let setbacks = 0;
    while (true) {
      const before = this.#sent;
      try {
        const state = await this.#trying(signal, () => this.#step(hash, offset, signal), () => {
          if (this.#url !== void 0) offset = void 0;
        });
        if (state.done) return await this.#compared(state.stored, hash);
        offset = state.offset;
        if (offset > before) setbacks = 0;
      } catch (error) {
        if (!(error instanceof UploadFailure) || ++setbacks > MAX_SETBACKS) throw error;
        if (error.kind === "offset") offset = void 0;
        else if (error.kind === "gone" && this.#url !== void 0) offset = this.#restart();
        else throw error;
      }
    }
  }
  /** Sends one request, or two if the offset must be requested first: if `offset` is undefined. */
  async #step(hash, offset, signal) {
    const { tus } = this.parts;
    const size = this.file.size;
    if (this.#url === void 0) {
      const made = await this.#create(hash, signal);
      this.#moved(made.offset);
      return {
        ...made,
        done: made.offset >= size
      };
    }
    const standing = offset === void 0 ? await tus.head(this.#url, signal) : void 0;
    const from = standing?.offset ?? offset ?? 0;
    this.#moved(from);
    if (standing?.stored.path !== void 0) return {
      ...standing,
      done: true
    };
    const body = this.file.slice(from, from + PIECE_BYTES);
    const last = from + body.size >= size;
    const whole = last ? {
      hash: await this.#whole(hash, signal)
    } : {};
    this.#now({
      name: "sending"
    });
    const onSent = (bytes) => this.#moved(from + Math.min(bytes, body.size));
    const sent = await tus.patch(this.#url, from, body, signal, {
      ...whole,
      onSent
    });
    this.#moved(sent.offset);
    return {
      ...sent,
      done: last
    };
  }
  async #create(hash, signal) {
    const { upload: upload2, file } = this;
    const { tus } = this.parts;
    const ifExists = this.#asked && upload2.ifExists === "version" ? "skip" : upload2.ifExists;
    const small = file.size <= SMALL_BYTES;
    const known = small || ifExists === "skip" ? {
      hash: await this.#whole(hash, signal)
    } : {};
    this.#now({
      name: "sending"
    });
    const onSent = (bytes) => this.#moved(Math.min(bytes, file.size));
    const content2 = small ? {
      body: file,
      onSent
    } : void 0;
    this.#asked = true;
    const made = await tus.create({
      ...upload2,
      ifExists,
      ...known
    }, signal, content2).catch((error) => {
      this.#moved(0);
      throw error;
    });
    if (made.offset < file.size) this.#address(made.url);
    return made;
  }
  /**
   * Resolves to the checksum of the whole, or rejects with the reason of `signal`, if that comes
   * first.
   */
  async #whole(hash, signal) {
    this.#now({
      name: "checking"
    });
    return await unlessAborted(hash.whole, signal);
  }
  /**
   * Retries until it works or fails for good; after progress the pauses begin again at the
   * shortest.
   */
  async #trying(signal, ask2, failed) {
    let attempt = 0;
    let best = this.#sent;
    while (true) {
      try {
        return await ask2();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UploadFailure) || !isPassing(error)) throw error;
        failed?.();
        attempt = this.#sent > best ? 1 : attempt + 1;
        best = Math.max(best, this.#sent);
        const pause = Math.max(pauseMs(attempt), error.afterMs ?? 0);
        this.#now({
          name: "retrying",
          message: error.message,
          pauseMs: pause
        });
        await (this.parts.wait ?? wait)(pause, signal);
      }
    }
  }
  async #compared(stored, hash) {
    if (stored.hash !== void 0 && stored.hash !== await hash.whole) {
      throw new UploadFailure("mismatch", "The server stored other content than was sent");
    }
    return stored;
  }
  #restart() {
    this.#asked = true;
    this.#address(void 0);
    this.#moved(0);
    return 0;
  }
  #address(url) {
    this.#url = url;
    this.onAddress?.(url);
  }
  #moved(bytes) {
    this.#sent = bytes;
    this.onChange?.();
  }
  #now(activity) {
    this.#activity = activity;
    this.onChange?.();
  }
};
async function unlessAborted(result, signal) {
  signal.throwIfAborted();
  let stop = () => {
  };
  const stopped = new Promise((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([
      result,
      stopped
    ]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
function otherFile() {
  return new UploadFailure("other-file", "This is not the file that the upload was begun with");
}

// web/upload/queue.ts
var PARALLEL = 3;
var UploadQueue = class {
  parts;
  events;
  jobs;
  #active;
  #rate;
  #now;
  constructor(parts, events, now = () => performance.now()) {
    this.parts = parts;
    this.events = events;
    this.jobs = [];
    this.#active = 0;
    this.#rate = new Rate();
    this.#now = now;
  }
  /** Adds an upload; `resumed` takes up one that is unfinished at the server. */
  add(file, upload2, resumed) {
    const job = new Job(file, upload2, resumed);
    this.jobs.push(job);
    this.events.changed(job);
    this.#next();
    return job;
  }
  /** Holds a job; what the server has of it stays there. */
  pause(job) {
    if (!job.pending) return;
    this.#set(job, "paused");
    job.stop?.abort();
  }
  /** Resumes a paused or failed job. */
  resume(job) {
    if (!job.resumable) return;
    if (job.failure?.kind === "other-file" || job.failure?.kind === "mismatch") {
      this.#address(job, void 0);
    }
    job.failure = void 0;
    this.#set(job, "waiting");
    this.#next();
  }
  /** Ends a job, and drops what the server has of it. */
  async cancel(job) {
    if (job.state === "done" || job.state === "cancelled") return;
    const { url } = job;
    this.#set(job, "cancelled");
    job.stop?.abort();
    this.events.ended(job);
    this.#next();
    if (url === void 0) return;
    await this.parts.tus.terminate(url, AbortSignal.timeout(3e4)).then(() => this.#address(job, void 0), () => {
    });
  }
  pauseAll() {
    for (const job of this.jobs) this.pause(job);
  }
  async cancelAll() {
    await Promise.all(this.jobs.map((job) => this.cancel(job)));
  }
  /** Removes jobs that are done or cancelled. */
  clear() {
    const kept = this.jobs.filter(({ state }) => state !== "done" && state !== "cancelled");
    this.jobs.splice(0, this.jobs.length, ...kept);
  }
  /** See {@linkcode Totals}. */
  totals() {
    const counted2 = this.jobs.filter(({ state }) => state !== "cancelled");
    const count = (which) => counted2.filter(which).length;
    const sum = (of) => counted2.reduce((all, job) => all + of(job), 0);
    const bytes = sum((job) => job.size);
    const sent = sum((job) => job.sent);
    const left = sum((job) => job.pending ? job.size - job.sent : 0);
    const perSecond = this.#rate.perSecond(this.#now());
    return {
      jobs: counted2.length,
      pending: count((job) => job.pending),
      paused: count((job) => job.state === "paused"),
      failed: count((job) => job.state === "failed"),
      resumable: count((job) => job.continues),
      done: count((job) => job.state === "done"),
      bytes,
      sent,
      perSecond,
      secondsLeft: secondsLeft(left, perSecond)
    };
  }
  #next() {
    for (const job of this.jobs) {
      if (this.#active >= PARALLEL) return;
      if (job.state === "waiting" && job.stop === void 0) this.#run(job);
    }
  }
  async #run(job) {
    this.#active++;
    const stop = job.stop = new AbortController();
    const transfer = new Transfer(this.parts, job.upload, job.file, job.resumed, job.asked);
    const counted2 = {
      sent: 0
    };
    transfer.onAddress = (url) => this.#address(job, url);
    transfer.onChange = () => {
      const more = transfer.sent - counted2.sent;
      if (transfer.activity.name === "sending" && more > 0) this.#rate.add(more, this.#now());
      counted2.sent = transfer.sent;
      this.events.changed(job);
    };
    this.#set(job, "active");
    job.transfer = transfer;
    try {
      job.stored = await transfer.run(stop.signal);
      if (!isCancelled(job)) this.#set(job, "done");
    } catch (error) {
      if (!stop.signal.aborted) this.#failed(job, error);
    } finally {
      void job.sent;
      job.asked = transfer.asked;
      job.transfer = void 0;
      job.stop = void 0;
      this.#active--;
      if (!job.pending && job.state !== "cancelled") this.events.ended(job);
      this.#next();
    }
  }
  #failed(job, error) {
    job.failure = error instanceof UploadFailure ? error : new UploadFailure("refused", "The upload failed by a fault of this page");
    if (!(error instanceof UploadFailure)) console.error(error);
    if (job.failure.kind !== "signed-out") return this.#set(job, "failed");
    this.#set(job, "paused");
    this.pauseAll();
  }
  #address(job, url) {
    if (url === void 0) delete job.resumed;
    else job.resumed = {
      url,
      ifOther: "trust"
    };
    this.events.addressed(job);
  }
  #set(job, state) {
    job.state = state;
    this.events.changed(job);
  }
};
function isCancelled(job) {
  return job.state === "cancelled";
}

// web/upload/resumable.ts
async function listResumable(uploads, memory2, claimed, actions) {
  if (uploads.length === 0) return [];
  const remembered = new Map((await memory2.all()).map((upload2) => [
    upload2.id,
    upload2
  ]));
  return [
    h("h3", {}, "Unfinished uploads"),
    h("p", {}, "Choose the same file again, and only the missing rest is sent."),
    h("ul", {
      class: "dock-list"
    }, ...uploads.map((upload2) => claimed.has(upload2.id) ? makeClaimed(upload2) : makeItem(upload2, remembered.get(upload2.id), actions)))
  ];
}
function makeClaimed({ id, path }) {
  return h("li", {
    class: "upload",
    "data-state": "claimed",
    "data-upload": id
  }, h("span", {
    class: "upload-name",
    title: path
  }, path.slice(path.lastIndexOf("/") + 1)), h("span", {
    class: "upload-state"
  }, "Being uploaded in another window of this browser"));
}
function makeItem(upload2, known, actions) {
  const name2 = upload2.path.slice(upload2.path.lastIndexOf("/") + 1);
  const picker = h("input", {
    type: "file",
    hidden: true,
    "aria-label": `File for ${name2}`
  });
  picker.addEventListener("change", () => {
    const [file] = picker.files ?? [];
    if (file) actions.resume(upload2, file);
  });
  const proceed = async () => {
    const file = await fromHandle(known?.handle);
    if (file) actions.resume(upload2, file, known?.handle);
    else picker.click();
  };
  const size = upload2.size === null ? "" : ` of ${formatSize(upload2.size)}`;
  const busy = upload2.active && !known ? ", being sent by another device or program" : "";
  return h("li", {
    class: "upload",
    "data-state": "unfinished",
    "data-upload": upload2.id
  }, h("span", {
    class: "upload-name",
    title: upload2.path
  }, name2), h("span", {
    class: "upload-actions"
  }, h("button", {
    type: "button",
    "aria-label": `Continue ${name2}`,
    onclick: proceed
  }, "Continue"), h("button", {
    type: "button",
    "aria-label": `Discard ${name2}`,
    onclick: async () => {
      const question = `Discard ${name2}? ${formatSize(upload2.offset)} are here, and are lost.`;
      if (await ask(question, "Discard it", "Keep it")) actions.discard(upload2);
    }
  }, "Discard")), h("span", {
    class: "upload-state"
  }, `${formatSize(upload2.offset)}${size} ${upload2.offset === 1 ? "is" : "are"} here${busy}`), picker);
}
async function fromHandle(handle) {
  if (handle === void 0) return void 0;
  try {
    const asking = handle;
    if (await asking.requestPermission?.({
      mode: "read"
    }) === "denied") return void 0;
    return await handle.getFile();
  } catch {
    return void 0;
  }
}

// web/upload/tus.ts
var Tus = class {
  send;
  endpoint;
  headers;
  /**
   * @param endpoint address at which uploads are created, ending in a slash
   * @param headers sent with every request, such as the token against cross-site requests
   */
  constructor(send, endpoint, headers) {
    this.send = send;
    this.endpoint = endpoint;
    this.headers = headers;
  }
  /**
   * Begins an upload. With `content`, it includes all of a small file; with its checksum too, the
   * upload ends with the answer.
   *
   * @returns the URL of the upload, and its state
   */
  async create(upload2, signal, content2) {
    const reply = await this.#ask({
      method: "POST",
      url: this.endpoint,
      headers: {
        "Upload-Length": String(upload2.sizeBytes),
        "Upload-Metadata": metadata({
          path: upload2.path,
          ifexists: upload2.ifExists,
          lastmodified: String(upload2.modifiedMs),
          ...upload2.hash !== void 0 && {
            sha256: upload2.hash
          }
        }),
        ...content2 && CONTENT
      },
      ...content2
    }, signal);
    const url = reply.header("Location");
    if (url === null) throw new UploadFailure("refused", "The server gave the upload no address");
    return {
      url,
      ...progressOf(reply, 0)
    };
  }
  /** Requests the state of an upload. */
  async head(url, signal) {
    const reply = await this.#ask({
      method: "HEAD",
      url,
      headers: {}
    }, signal);
    const length = reply.header("Upload-Length");
    return {
      ...progressOf(reply, 0),
      sizeBytes: numberOf(length),
      prefixHash: hashIn(reply.header("Upload-Prefix-Digest"))
    };
  }
  /**
   * Sends content from `offset` on.
   *
   * @param hash checksum of the whole, with the request that ends the upload
   */
  async patch(url, offset, body, signal, more) {
    const reply = await this.#ask({
      method: "PATCH",
      url,
      headers: {
        ...CONTENT,
        "Upload-Offset": String(offset),
        ...more.hash !== void 0 && {
          "Upload-Metadata": metadata({
            sha256: more.hash
          })
        }
      },
      body,
      ...more.onSent && {
        onSent: more.onSent
      }
    }, signal);
    return progressOf(reply, offset + body.size);
  }
  /** Drops an upload; succeeds if it does not exist. */
  async terminate(url, signal) {
    try {
      await this.#ask({
        method: "DELETE",
        url,
        headers: {}
      }, signal);
    } catch (error) {
      if (!(error instanceof UploadFailure && error.kind === "gone")) throw error;
    }
  }
  async #ask(request, signal) {
    signal.throwIfAborted();
    const headers = {
      "Tus-Resumable": "1.0.0",
      ...this.headers(),
      ...request.headers
    };
    const reply = await this.send({
      ...request,
      headers
    }, signal);
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw failureOf(reply.status, reply.body, reply.header("Retry-After"));
  }
};
var CONTENT = {
  "Content-Type": "application/offset+octet-stream"
};
function progressOf(reply, otherwise) {
  const location2 = reply.header("Content-Location");
  return {
    offset: numberOf(reply.header("Upload-Offset")) ?? otherwise,
    stored: {
      path: location2 === null ? void 0 : decodeURIComponent(location2),
      hash: hashIn(reply.header("Repr-Digest"))
    }
  };
}
function metadata(values) {
  return Object.entries(values).map(([key, value]) => `${key} ${base64(value)}`).join(",");
}
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
function numberOf(text) {
  return text === null || !/^\d+$/.test(text) ? void 0 : Number(text);
}
function hashIn(field) {
  const found = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(field ?? "")?.[1];
  if (found === void 0) return void 0;
  return Array.from(atob(found), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

// web/upload/unfinished.ts
async function listUnfinished(following = false) {
  const reply = await fetch(hrefOut("/api/v1/uploads"), {
    headers: {
      Accept: "application/json",
      ...following && {
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
function idOf(url) {
  return url.slice(url.lastIndexOf("/") + 1);
}

// web/upload/xhr.ts
var SILENT_MS = 45e3;
var ANSWER_MS = 18e4;
var sendByXhr = (request, signal) => new Promise((resolve, reject) => {
  if (signal.aborted) return reject(signal.reason);
  const xhr = new XMLHttpRequest();
  let silent = 0;
  const moved = (waitMs) => {
    clearTimeout(silent);
    silent = setTimeout(() => give(up("The server does not answer")), waitMs);
  };
  const give = (reason) => {
    finish();
    xhr.abort();
    reject(reason);
  };
  const stop = () => give(signal.reason);
  const finish = () => {
    clearTimeout(silent);
    signal.removeEventListener("abort", stop);
  };
  signal.addEventListener("abort", stop);
  xhr.open(request.method, request.url);
  for (const [name2, value] of Object.entries(request.headers)) xhr.setRequestHeader(name2, value);
  xhr.upload.onprogress = ({ loaded, total }) => {
    moved(loaded < total ? SILENT_MS : ANSWER_MS);
    request.onSent?.(loaded);
  };
  xhr.onerror = async () => {
    finish();
    reject(await isReadable(request.body) ? up("The connection was lost") : unreadable());
  };
  xhr.onload = () => {
    finish();
    resolve({
      status: xhr.status,
      header: (name2) => xhr.getResponseHeader(name2),
      body: xhr.responseText
    });
  };
  moved(SILENT_MS);
  xhr.send(request.body ?? null);
});
async function isReadable(body) {
  try {
    await body?.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
function up(message) {
  return new UploadFailure("network", message);
}
function unreadable() {
  return new UploadFailure("unreadable", "The file was changed or removed while it was sent");
}

// web/worker.ts
var rules = {
  createScriptURL(name2) {
    if (!/^[a-z_]+\.js$/.test(name2)) throw new TypeError(`"${name2}" is no script of this page`);
    return new URL(name2, import.meta.url).href;
  }
};
var { trustedTypes } = globalThis;
var policy = trustedTypes?.createPolicy("towpath", rules) ?? rules;
function startWorker(name2) {
  return new Worker(policy.createScriptURL(name2), {
    type: "module"
  });
}

// web/upload.ts
var ENDPOINT = hrefOut("/tus/");
var SHOW_MS = 1e3;
var WATCH_MS = 5e3;
var memory = openMemory(basePath(), meta("account") ?? "");
var queue = new UploadQueue({
  tus: new Tus(sendByXhr, ENDPOINT, ownHeaders),
  hash: hashPool(() => startWorker("hash_worker.js"))
}, {
  changed: () => dock.changed(),
  ended,
  addressed
});
var dock = new Dock(queue, resume);
var sources = /* @__PURE__ */ new WeakMap();
var unfinished = [];
var showNew;
var showing;
var watching;
document.head.append(h("link", {
  rel: "stylesheet",
  href: new URL("./upload.css", import.meta.url).href
}));
addEventListener("beforeunload", (event) => {
  if (isHeld()) event.preventDefault();
});
function isBusy() {
  return queue.jobs.some((job) => job.pending);
}
function isHeld() {
  return queue.jobs.some((job) => job.pending || job.state === "paused");
}
async function upload(chosen, directory, ifExists, arrived) {
  showNew = arrived;
  const { files, emptyFolders } = chosen;
  if (files.length > 0) dock.open();
  dock.say(files.length === 1 ? `Uploading ${files[0].path}` : `Uploading ${counted(files.length, "file")}`);
  unfinished = await listUnfinished().catch(() => unfinished);
  const taken = /* @__PURE__ */ new Set([
    ...sentIds(),
    ...await claimedElsewhere()
  ]);
  for (const source of files) {
    begin(source, `${directory.replace(/\/$/, "")}/${source.path}`, ifExists, taken);
  }
  await showUnfinished();
  const failed = await makeFolders(directory, emptyFolders);
  if (failed > 0) {
    dock.say(failed === 1 ? "A folder was not made" : `${failed} folders were not made`);
  }
  if (emptyFolders.length > 0) showArrived();
}
async function offerUnfinished(left, arrived) {
  showNew ??= arrived;
  unfinished = left;
  await showUnfinished();
  dock.show();
  const known = new Set(left.map(({ id }) => id));
  for (const { id } of await memory.all()) if (!known.has(id)) await memory.forget(id);
}
function begin(source, path, ifExists, taken) {
  const { file } = source;
  const known = unfinished.find((one) => one.path === path && one.size === file.size && !taken.has(one.id));
  add(source, {
    path,
    sizeBytes: file.size,
    ifExists,
    modifiedMs: file.lastModified
  }, known && {
    url: ENDPOINT + known.id,
    ifOther: "restart"
  });
}
function sentIds() {
  return new Set(queue.jobs.flatMap(({ url }) => url === void 0 ? [] : [
    idOf(url)
  ]));
}
function add(source, upload2, resumed) {
  const job = queue.add(source.file, upload2, resumed);
  sources.set(job, source);
  if (resumed) {
    claim(idOf(resumed.url));
    claims.set(job, idOf(resumed.url));
  }
}
async function resume(jobs) {
  const signedOut = jobs.some(({ failure }) => failure?.kind === "signed-out");
  const session = signedOut ? await renewToken().catch(() => void 0) : void 0;
  if (session?.state === "other") {
    return toast(`${session.account} is signed in now: sign in with the account of this page`);
  }
  for (const job of jobs) queue.resume(job);
}
async function showUnfinished() {
  const sending = sentIds();
  const rest = unfinished.filter(({ id }) => !sending.has(id));
  const claimed = await claimedElsewhere();
  const nodes = await listResumable(rest, memory, claimed, {
    resume(one, file, handle) {
      const upload2 = {
        path: one.path,
        sizeBytes: file.size,
        ifExists: "version",
        modifiedMs: file.lastModified
      };
      const source = {
        file,
        path: one.path,
        ...handle && {
          handle
        }
      };
      add(source, upload2, {
        url: ENDPOINT + one.id,
        ifOther: "fail"
      });
      dock.open();
      showUnfinished();
    },
    async discard(one) {
      await new Tus(sendByXhr, ENDPOINT, ownHeaders).terminate(ENDPOINT + one.id, AbortSignal.timeout(3e4));
      unfinished = unfinished.filter(({ id }) => id !== one.id);
      await memory.forget(one.id);
      await showUnfinished();
    }
  });
  dock.offer(nodes);
  clearTimeout(watching);
  if (!rest.some(({ id, active }) => active || claimed.has(id))) return;
  watching = setTimeout(watchUnfinished, WATCH_MS);
}
async function watchUnfinished() {
  if (!document.hidden) unfinished = await listUnfinished(true).catch(() => unfinished);
  await showUnfinished();
}
function showArrived() {
  showing ??= setTimeout(() => {
    showing = void 0;
    showNew?.();
  }, SHOW_MS);
}
var claims = /* @__PURE__ */ new WeakMap();
function addressed(job) {
  const before = claims.get(job);
  if (before !== void 0 && (job.url === void 0 || idOf(job.url) !== before)) {
    release(before);
    claims.delete(job);
  }
  const source = sources.get(job);
  if (job.url === void 0 || source === void 0) return;
  const { file, handle } = source;
  const id = idOf(job.url);
  claim(id);
  claims.set(job, id);
  memory.keep({
    id,
    name: file.name,
    sizeBytes: file.size,
    modifiedMs: file.lastModified,
    ...handle && {
      handle
    }
  });
}
function ended(job) {
  if (job.url !== void 0 && (job.state === "done" || job.state === "cancelled")) {
    memory.forget(idOf(job.url));
  }
  const claimed = claims.get(job);
  if (claimed !== void 0 && (job.state === "done" || job.state === "cancelled")) {
    release(claimed);
  }
  if (job.state === "done") showArrived();
  if (job.state === "failed") dock.say(`${job.name} failed: ${job.failure?.message}`);
  else if (job.state === "paused" && job.failure) dock.say(job.failure.message);
  if (isBusy()) return;
  const { done, jobs } = queue.totals();
  if (done === jobs && jobs > 0) {
    dock.say(jobs === 1 ? `${job.name} is uploaded` : `All ${jobs} files are uploaded`);
  }
  dock.update();
}
export {
  isHeld,
  offerUnfinished,
  upload
};
