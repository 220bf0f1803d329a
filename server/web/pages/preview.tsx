/** Previews of files. Only kinds that run no code are shown, and text as text. */
import type { FC } from "hono/jsx";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import type { View } from "../../../storage/vault.ts";
import { type Media, mediaOf } from "../request/media.ts";
import { formatSize } from "../../../common/size.ts";
import { hrefOf, withQuery } from "../ui/href.ts";
import { plainName } from "../ui/text.tsx";
import { nameOf } from "../../../storage/contract/path.ts";

/** Content of a preview. */
export type PreviewContent = { media: Media } | { text: string; cut: boolean };

/** Most bytes of a text that are shown. */
const TEXT_BYTES = 64 * 1024;

/** Reads the preview of a file; undefined if it is neither text nor a known kind. */
export async function previewOf(
  view: View,
  path: string,
  info: FileInfo,
): Promise<PreviewContent | undefined> {
  if (info.type === "directory") return undefined;
  const media = mediaOf(nameOf(path));
  if (media !== undefined) return { media };
  const download = await view.transfers.download(path);
  try {
    const bytes = new Uint8Array(Math.min(TEXT_BYTES, download.record.size));
    const count = await download.read(bytes, 0);
    await download.finish();
    const text = asText(bytes.subarray(0, count), count < download.record.size);
    return text === undefined ? undefined : { text, cut: count < download.record.size };
  } finally {
    download.close();
  }
}

/** Bytes as text; undefined where they are none. Cut in the middle of a character, it goes. */
function asText(bytes: Uint8Array, cut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return undefined;
  }
}

/** Preview of a text or an image. */
export const Preview: FC<{ path: string; content: PreviewContent }> = ({ path, content }) => {
  const name = plainName(nameOf(path));
  if ("text" in content) {
    return (
      <section class="card flush" aria-label="Preview">
        <div class="preview">
          <pre tabindex={0}>{content.text}</pre>
        </div>
        {content.cut && (
          <p class="chosen muted small">Only the first {formatSize(TEXT_BYTES)} are shown.</p>
        )}
      </section>
    );
  }
  const src = withQuery(hrefOf("raw", path), { inline: "1" });
  const { kind } = content.media;
  return (
    <section class="card flush" aria-label="Preview">
      <div class="preview">
        {kind === "image" && <img src={src} alt={`The picture ${name}`} />}
        {kind === "audio" && <audio src={src} controls preload="metadata" aria-label={name} />}
        {kind === "video" && <video src={src} controls preload="metadata" aria-label={name} />}
        {kind === "pdf" && <iframe src={src} title={name} />}
      </div>
      {kind === "pdf" && (
        <p class="chosen small">
          <a href={src}>Open the PDF by itself</a>
        </p>
      )}
    </section>
  );
};
