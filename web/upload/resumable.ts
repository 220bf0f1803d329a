/** Unfinished uploads that can be continued, each with the file that it was begun with. */
import { ask } from "../common/ask.ts";
import { h } from "../common/dom.ts";
import { formatSize } from "../../common/size.ts";
import type { Memory, Remembered } from "./memory.ts";
import type { Unfinished } from "./unfinished.ts";

/** Actions on an unfinished upload. */
export interface ResumableActions {
  /** Continues with the chosen file. */
  resume(upload: Unfinished, file: File, handle?: FileSystemFileHandle): void;
  discard(upload: Unfinished): void;
}

/** The list, with a heading; an empty one where there is nothing to continue. */
export async function listResumable(
  uploads: readonly Unfinished[],
  memory: Memory,
  /** Those that another page of this browser has in hand. */
  claimed: ReadonlySet<string>,
  actions: ResumableActions,
): Promise<Node[]> {
  if (uploads.length === 0) return [];
  const remembered = new Map((await memory.all()).map((upload) => [upload.id, upload]));
  return [
    h("h3", {}, "Unfinished uploads"),
    h("p", {}, "Choose the same file again, and only the missing rest is sent."),
    h(
      "ul",
      { class: "dock-list" },
      ...uploads.map((upload) =>
        claimed.has(upload.id)
          ? makeClaimed(upload)
          : makeItem(upload, remembered.get(upload.id), actions)
      ),
    ),
  ];
}

function makeClaimed({ id, path }: Unfinished): HTMLElement {
  return h(
    "li",
    { class: "upload", "data-state": "claimed", "data-upload": id },
    h("span", { class: "upload-name", title: path }, path.slice(path.lastIndexOf("/") + 1)),
    h("span", { class: "upload-state" }, "Being uploaded in another window of this browser"),
  );
}

function makeItem(
  upload: Unfinished,
  known: Remembered | undefined,
  actions: ResumableActions,
): HTMLElement {
  const name = upload.path.slice(upload.path.lastIndexOf("/") + 1);
  const picker = h("input", { type: "file", hidden: true, "aria-label": `File for ${name}` });
  picker.addEventListener("change", () => {
    const [file] = picker.files ?? [];
    if (file) actions.resume(upload, file);
  });
  const proceed = async () => {
    const file = await fromHandle(known?.handle);
    if (file) actions.resume(upload, file, known?.handle);
    else picker.click();
  };
  const size = upload.size === null ? "" : ` of ${formatSize(upload.size)}`;
  // Uploads that this browser has just left are still held open for it.
  const busy = upload.active && !known ? ", being sent by another device or program" : "";
  return h(
    "li",
    { class: "upload", "data-state": "unfinished", "data-upload": upload.id },
    h("span", { class: "upload-name", title: upload.path }, name),
    h(
      "span",
      { class: "upload-actions" },
      h(
        "button",
        { type: "button", "aria-label": `Continue ${name}`, onclick: proceed },
        "Continue",
      ),
      h(
        "button",
        {
          type: "button",
          "aria-label": `Discard ${name}`,
          onclick: async () => {
            const question = `Discard ${name}? ${
              formatSize(upload.offset)
            } are here, and are lost.`;
            if (await ask(question, "Discard it", "Keep it")) actions.discard(upload);
          },
        },
        "Discard",
      ),
    ),
    h(
      "span",
      { class: "upload-state" },
      `${formatSize(upload.offset)}${size} ${upload.offset === 1 ? "is" : "are"} here${busy}`,
    ),
    picker,
  );
}

/** The file that a kept handle leads to, where the person allows to read it. */
async function fromHandle(handle: FileSystemFileHandle | undefined): Promise<File | undefined> {
  if (handle === undefined) return undefined;
  try {
    const asking = handle as FileSystemFileHandle & {
      requestPermission?(how: { mode: "read" }): Promise<PermissionState>;
    };
    if (await asking.requestPermission?.({ mode: "read" }) === "denied") return undefined;
    return await handle.getFile();
  } catch {
    return undefined; // moved or removed: it can still be chosen by hand
  }
}
