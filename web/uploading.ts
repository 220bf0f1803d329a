/**
 * Entry points of uploads: files and folders dropped onto a directory, chosen by its buttons, or
 * left unfinished. The code that uploads is loaded at its first use.
 */
import { h, isField } from "./common/dom.ts";
import { refresh } from "./navigation.ts";
import { toast } from "./toasts.ts";
import { type Chosen, fromDrop, fromInput } from "./upload/sources.ts";
import type { IfExists } from "./upload/tus.ts";
import { listUnfinished } from "./upload/unfinished.ts";

type Uploads = typeof import("./upload.ts");

let loaded: Uploads | undefined;
/** Pause before the list is refreshed that the user was working in, in ms. */
const LATER_MS = 2000;
let later: number | undefined;
/** Hashing is WebAssembly. Without it, the plain form stays unchanged. */
const able = typeof WebAssembly === "object";

async function load(): Promise<Uploads> {
  return loaded ??= await import(new URL("./upload.js", import.meta.url).href);
}

/** Whether leaving the page would interrupt an upload. */
export function isUploading(): boolean {
  return loaded?.isHeld() ?? false;
}

/** Handles dropped and chosen files in every directory that can be written to. */
export function followUploads(): void {
  if (!able) return;
  let inside = 0;
  const mark = (over: boolean) => document.body.classList.toggle("dropping", over);
  const wanted = (event: DragEvent) =>
    directory() !== undefined && event.dataTransfer?.types.includes("Files") === true;
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
    start(fromDrop(event.dataTransfer!));
  });
  offerUnfinished();
}

/** Replaces the plain form by buttons that choose files and folders. */
export function enhanceUploadForm(root: ParentNode): void {
  if (!able) return;
  for (const form of root.querySelectorAll<HTMLElement>("[data-upload-form]")) {
    form.hidden = true;
    form.before(h(
      "div",
      { class: "upload-start" },
      picker("Upload files", { multiple: true }, form.querySelector("svg")),
      picker("Upload a folder", { webkitdirectory: true }),
      h("span", { class: "upload-hint" }, "or drop them here"),
    ));
  }
}

function picker(
  text: string,
  attributes: Record<string, boolean>,
  icon: Element | null = null,
): HTMLElement {
  // The page's content may be replaced while the user chooses: the input that opened the dialog is
  // then in no document, and the files go where the user saw it.
  const target = targetHere();
  const input = h("input", {
    type: "file",
    class: "visually-hidden",
    ...attributes,
    onchange: () => {
      start(Promise.resolve(fromInput(input)), target);
      input.value = "";
    },
  });
  return h("label", { class: "button" }, icon?.cloneNode(true), text, input);
}

/** Virtual path of the directory that is shown, where it can be written to. */
function directory(): string | undefined {
  if (!document.querySelector("[data-upload-form]")) return undefined;
  return document.querySelector<HTMLElement>("[data-directory]")?.dataset["directory"];
}

/** Directory that files go to, and the field that says what happens to existing ones. */
interface Target {
  directory: string | undefined;
  asked: HTMLSelectElement | null;
}

function targetHere(): Target {
  return { directory: directory(), asked: document.querySelector("[data-if-exists]") };
}

async function start(choosing: Promise<Chosen>, target = targetHere()): Promise<void> {
  if (target.directory === undefined) return;
  const ifExists = (target.asked?.value ?? "version") as IfExists;
  try {
    const [chosen, uploads] = await Promise.all([choosing, load()]);
    await uploads.upload(chosen, target.directory, ifExists, showNew);
  } catch (error) {
    console.warn(error);
    toast("The uploads cannot be started; load the page again");
  }
}

/** Asks whether uploads were left unfinished. */
async function offerUnfinished(): Promise<void> {
  if (directory() === undefined) return;
  const left = await listUnfinished().catch(() => []);
  if (left.length > 0) (await load()).offerUnfinished(left, showNew);
}

/** Shows new files, as soon as that undoes no action that the user has begun. */
function showNew(): void {
  clearTimeout(later);
  if (isUntouched()) refresh(isUntouched);
  else if (directory() !== undefined) later = setTimeout(showNew, LATER_MS);
}

/** Whether a directory is shown in which the user has not begun anything that a refresh would undo. */
function isUntouched(): boolean {
  if (directory() === undefined) return false;
  // A drop whose element is exchanged meanwhile would be lost.
  if (document.body.classList.contains("dropping")) return false;
  const main = document.querySelector("main");
  const { activeElement } = document;
  const typing = isField(activeElement) && !activeElement?.matches("[type=file], [type=checkbox]");
  const used = typing && main?.contains(activeElement);
  // A click whose element is exchanged before the button is released would be lost.
  const begun = main?.querySelector("[data-name] input:checked, details[open], :active");
  const selection = getSelection();
  if (selection && !selection.isCollapsed && main?.contains(selection.anchorNode)) return false;
  const filtered = document.querySelector<HTMLInputElement>("[data-filter]")?.value;
  return !used && !begun && !filtered;
}
