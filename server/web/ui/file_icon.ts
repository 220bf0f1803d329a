import { extensionOf, mediaOf } from "../request/media.ts";
import type { IconName } from "./icons.tsx";

const ARCHIVES = new Set(["zip", "gz", "tgz", "xz", "bz2", "zst", "7z", "rar", "tar"]);
const TEXTS = new Set(["txt", "md", "csv", "json", "log", "xml", "html", "ts", "js", "py", "css"]);

/** The icon of a file or directory. */
export function fileIcon({ name, type }: { name: string; type: string }): IconName {
  if (type === "directory") return "folder";
  const kind = mediaOf(name)?.kind;
  if (kind === "image" || kind === "audio" || kind === "video") return kind;
  const extension = extensionOf(name);
  if (ARCHIVES.has(extension)) return "archive";
  return TEXTS.has(extension) || kind === "pdf" ? "text" : "file";
}
