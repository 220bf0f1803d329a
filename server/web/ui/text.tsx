/** Texts that others wrote: shown as they are, and able to do nothing else. */
import type { FC } from "hono/jsx";
import { formatTime } from "./format.ts";

/**
 * Characters that cannot be seen, or that turn the direction of what follows them; but for the
 * joiners, which scripts and emoji are written with.
 */
const ODD =
  // deno-lint-ignore no-control-regex
  /([\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb])/;

/**
 * A name, apart from the direction of the text around it; characters that would deceive about it
 * are told by their number.
 */
export const Name: FC<{ text: string }> = ({ text }) => (
  <bdi>
    {text.split(ODD).map((part, i) =>
      i % 2 === 0 ? part : <span class="odd">{`U+${codeOf(part)}`}</span>
    )}
  </bdi>
);

/** As {@linkcode Name}, where only text can stand: titles, labels. */
export function plainName(text: string): string {
  return text.split(ODD).map((part, i) => i % 2 === 0 ? part : `[U+${codeOf(part)}]`).join("");
}

/** A time that programs can read too. */
export const Time: FC<{ ms: number; seconds?: boolean }> = ({ ms, seconds = false }) => {
  const known = Math.abs(ms) <= 8_640_000_000_000_000;
  if (!known) return <span>unknown</span>;
  return <time datetime={new Date(ms).toISOString()} title="UTC">{formatTime(ms, seconds)}</time>;
};

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}
