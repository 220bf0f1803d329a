/** The panel of all uploads, at the edge of the page; it stays while the person browses on. */
import { counted } from "../../common/counted.ts";
import { h, setText } from "../common/dom.ts";
import { formatDuration } from "../../common/duration.ts";
import { formatSize } from "../../common/size.ts";
import { percent } from "../common/format.ts";
import type { Job } from "./job.ts";
import type { Totals, UploadQueue } from "./queue.ts";
import { ask } from "../common/ask.ts";
import { makeRow, type Row } from "./row.ts";

/** Rows at once: of ten thousand files, those that move, wait next, or failed are of interest. */
const MAX_ROWS = 60;
const REFRESH_MS = 250;

/** Panel that lists the uploads of a page. */
export class Dock {
  readonly element: HTMLElement;
  /** Where the unfinished uploads are listed. */
  readonly #unfinished = h("div", { class: "dock-unfinished" });
  readonly #title = h("h2", {}, "Uploads");
  readonly #total = h("p", { class: "dock-total" });
  readonly #bar = h("progress", { max: 100, value: 0, "aria-label": "Progress of all uploads" });
  readonly #list = h("ul", { class: "dock-list" });
  readonly #more = h("p", { class: "dock-more", hidden: true });
  readonly #said = h("p", { class: "visually-hidden", role: "status" });
  readonly #rows = new Map<Job, Row>();
  readonly #buttons: Record<"pause" | "resume" | "cancel" | "close" | "fold", HTMLButtonElement>;
  readonly #body: HTMLElement;
  #timer = 0;

  /** @param goOn resumes uploads, once their requirements are met */
  constructor(
    private readonly queue: UploadQueue,
    private readonly goOn: (jobs: readonly Job[]) => void,
  ) {
    const button = (text: string, act: () => void) =>
      h("button", { type: "button", onclick: act }, text);
    this.#buttons = {
      pause: button("Pause all", () => queue.pauseAll()),
      resume: button("Resume all", () => goOn(queue.jobs.filter((job) => job.continues))),
      cancel: button("Cancel all", () => this.#cancelAll()),
      fold: button("Hide", () => this.#fold(!this.#body.hidden)),
      close: button("Close", () => this.#close()),
    };
    this.#buttons.fold.setAttribute("aria-expanded", "true");
    const { pause, resume, cancel, fold, close } = this.#buttons;
    this.#body = h(
      "div",
      // It scrolls: by keyboard too, also where no row has a button any more.
      { class: "dock-body", id: "dock-body", tabindex: 0, role: "group", "aria-label": "Files" },
      this.#list,
      this.#more,
      this.#unfinished,
    );
    fold.setAttribute("aria-controls", "dock-body");
    this.element = h(
      "section",
      { class: "dock", "aria-label": "Uploads" },
      h("div", { class: "dock-head" }, this.#title, fold, close),
      this.#bar,
      this.#total,
      h("div", { class: "dock-actions" }, pause, resume, cancel),
      this.#body,
      this.#said,
    );
  }

  /** Puts the panel into the page, and brings it up to date. */
  show(): void {
    if (!this.element.isConnected) document.body.append(this.element);
    this.update();
  }

  /** Opens it, where it was folded. */
  open(): void {
    this.#fold(false);
    this.show();
  }

  /** Lists unfinished uploads. A panel that would be empty is closed. */
  offer(nodes: readonly Node[]): void {
    const place = this.#unfinished;
    const label = place.contains(document.activeElement)
      ? document.activeElement?.getAttribute("aria-label")
      : undefined;
    place.replaceChildren(...nodes);
    if (label) place.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`)?.focus();
    if (nodes.length === 0 && this.queue.jobs.length === 0) this.#close();
  }

  /** Says something to who does not see it. */
  say(text: string): void {
    setText(this.#said, text);
  }

  /** Schedules an update; several calls share one. */
  changed(): void {
    if (this.#timer !== 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.update();
      // The rate falls and the time left grows also where nothing moves.
      if (this.queue.jobs.some((job) => job.pending)) this.changed();
    }, REFRESH_MS);
  }

  /** Brings everything up to date. */
  update(): void {
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

  #updateRows(): void {
    const { jobs } = this.queue;
    const ordered = [...jobs].sort(byInterest).slice(0, MAX_ROWS);
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
    putInOrder(this.#list, ordered.map((job) => this.#rows.get(job)!.element));
    setText(this.#more, `and ${jobs.length - shown.size} more`);
    this.#more.hidden = jobs.length === shown.size;
  }

  #addRow(job: Job): void {
    const row = makeRow(job, {
      pause: (job) => this.queue.pause(job),
      resume: (job) => this.goOn([job]),
      cancel: (job) => this.#cancel(job),
    });
    this.#rows.set(job, row);
  }

  async #cancel(job: Job): Promise<void> {
    const sent = job.sent > 0 ? ` The ${formatSize(job.sent)} that were sent are dropped.` : "";
    const question = `Cancel the upload of ${job.name}?${sent}`;
    if (await ask(question, "Cancel the upload", "Continue")) await this.queue.cancel(job);
  }

  async #cancelAll(): Promise<void> {
    const { pending, paused, failed } = this.queue.totals();
    const count = pending + paused + failed;
    const uploads = count === 1 ? "1 upload" : `${count} uploads`;
    const question = `Cancel ${uploads}? Files that have arrived stay.`;
    if (await ask(question, `Cancel ${uploads}`, "Continue")) await this.queue.cancelAll();
  }

  #fold(folded: boolean): void {
    this.#body.hidden = folded;
    this.#buttons.fold.setAttribute("aria-expanded", String(!folded));
    setText(this.#buttons.fold, folded ? "Show" : "Hide");
  }

  #close(): void {
    this.queue.clear();
    const focused = this.element.contains(document.activeElement);
    this.element.remove();
    if (focused) document.querySelector("main")?.focus({ preventScroll: true });
  }
}

const INTEREST = ["active", "failed", "paused", "waiting", "done", "cancelled"];

function byInterest(one: Job, other: Job): number {
  return INTEREST.indexOf(one.state) - INTEREST.indexOf(other.state);
}

/** Moves only those elements of a list that are out of order, so that the focus stays. */
function putInOrder(list: Element, elements: readonly HTMLElement[]): void {
  const focused = document.activeElement;
  let next = list.firstElementChild;
  for (const element of elements) {
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
  if (focused instanceof HTMLElement && list.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

/** All jobs in one line. */
function describeTotals(totals: Totals): string {
  const { jobs, done, failed, paused, pending, bytes, sent, perSecond, secondsLeft } = totals;
  const files = `${done} of ${counted(jobs, "file")}`;
  const parts = [files, `${formatSize(sent)} of ${formatSize(bytes)}`];
  if (pending > 0 && perSecond !== undefined) parts.push(`${formatSize(perSecond)}/s`);
  if (pending > 0 && secondsLeft !== undefined) {
    parts.push(`${formatDuration(secondsLeft * 1000)} left`);
  }
  if (paused > 0) parts.push(`${paused} paused`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(" · ");
}
