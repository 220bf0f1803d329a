/** One upload as a row of the list. */
import { h, setText } from "../common/dom.ts";
import { formatSize } from "../../common/size.ts";
import { percent } from "../common/format.ts";
import type { Job } from "./job.ts";

/** Actions of a row. */
export interface RowActions {
  pause(job: Job): void;
  resume(job: Job): void;
  cancel(job: Job): void;
}

/** A row, and what brings it up to date. */
export interface Row {
  readonly element: HTMLLIElement;
  update(): void;
}

/** Makes the row of a job. */
export function makeRow(job: Job, actions: RowActions): Row {
  const bar = h("progress", { max: 100, value: 0, "aria-label": `Progress of ${job.name}` });
  const state = h("span", { class: "upload-state" });
  const pause = button("Pause", job, () => actions.pause(job));
  const resume = button("Resume", job, () => actions.resume(job));
  const cancel = button("Cancel", job, () => actions.cancel(job));
  const element = h(
    "li",
    { class: "upload" },
    h("span", { class: "upload-name", title: job.upload.path }, job.name),
    h("span", { class: "upload-actions" }, pause, resume, cancel),
    bar,
    state,
  );
  const update = () => {
    element.dataset["state"] = job.state;
    bar.value = percent(job.sent, job.size);
    bar.hidden = job.state === "done" || job.state === "cancelled";
    setText(state, describe(job));
    show(pause, job.pending);
    show(resume, job.resumable);
    show(cancel, job.pending || job.resumable);
    name(resume, labelOfResume(job), job);
  };
  update();
  return { element, update };
}

/** Describes a job's state in words. */
export function describe(job: Job): string {
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

function describeDone(job: Job): string {
  const path = job.stored?.path;
  const as = path !== undefined && path !== job.upload.path
    ? ` as ${path.slice(path.lastIndexOf("/") + 1)}`
    : "";
  const same = job.stored?.hash === undefined ? "" : ", same SHA-256 on both sides";
  return `Done${as}, ${formatSize(job.size)}${same}`;
}

function describeActive(job: Job, sent: string): string {
  const activity = job.transfer?.activity;
  if (activity?.name === "retrying") {
    const seconds = Math.ceil(activity.pauseMs / 1000);
    return `${activity.message}; trying again in ${seconds} s, ${sent}`;
  }
  return activity?.name === "checking" ? `Computing the checksum, ${sent}` : sent;
}

function labelOfResume({ failure }: Job): string {
  if (failure?.kind === "other-file") return "Upload as new";
  return failure === undefined || failure.kind === "signed-out" ? "Resume" : "Try again";
}

function button(text: string, job: Job, act: () => void): HTMLButtonElement {
  const made = h("button", { type: "button", onclick: act });
  name(made, text, job);
  return made;
}

/** Gives a button its text, and to who hears it alone the file that it is about. */
function name(button: HTMLButtonElement, text: string, job: Job): void {
  if (button.textContent === text) return;
  button.textContent = text;
  button.setAttribute("aria-label", `${text} ${job.name}`);
}

/** Hides a button; the focus does not get lost with it. */
function show(button: HTMLButtonElement, shown: boolean): void {
  if (button.hidden === !shown) return;
  const focused = document.activeElement === button;
  button.hidden = !shown;
  if (!focused) return;
  const next = button.parentElement?.querySelector<HTMLButtonElement>("button:not([hidden])");
  next?.focus();
}
