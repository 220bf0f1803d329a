/**
 * Content that a browser may show by itself, by the name's extension: kinds that run no code.
 * Everything else is downloaded, above all HTML, SVG and XML, which could contain scripts.
 */

/** How a kind of content is shown. */
export type MediaKind = "image" | "audio" | "video" | "pdf";

/** A kind of content that may be shown. */
export interface Media {
  readonly kind: MediaKind;
  readonly type: string;
}

const TYPES: Readonly<Record<MediaKind, Readonly<Record<string, string>>>> = {
  image: {
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    avif: "image/avif",
    bmp: "image/bmp",
    ico: "image/x-icon",
  },
  audio: {
    mp3: "audio/mpeg",
    m4a: "audio/mp4",
    aac: "audio/aac",
    ogg: "audio/ogg",
    oga: "audio/ogg",
    opus: "audio/ogg",
    wav: "audio/wav",
    flac: "audio/flac",
    weba: "audio/webm",
  },
  video: {
    mp4: "video/mp4",
    m4v: "video/mp4",
    webm: "video/webm",
    ogv: "video/ogg",
    mov: "video/quicktime",
  },
  pdf: { pdf: "application/pdf" },
};

const MEDIA = new Map<string, Media>(
  Object.entries(TYPES).flatMap(([kind, types]) =>
    Object.entries(types).map(([extension, type]) =>
      [extension, { kind: kind as MediaKind, type }] as const
    )
  ),
);

/** Type of content that browsers must not guess. */
export const OPAQUE_TYPE = "application/octet-stream";

/** How a file of this name may be shown; undefined where it may not. */
export function mediaOf(name: string): Media | undefined {
  return MEDIA.get(extensionOf(name));
}

/** The last extension of a name in lower case, without its dot. */
export function extensionOf(name: string): string {
  return /[^.]\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/**
 * Formats a `Content-Disposition` (RFC 6266). Characters of the name can neither end the header nor
 * begin another parameter.
 */
export function disposition(kind: "inline" | "attachment", name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
