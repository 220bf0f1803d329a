/** Texts that others wrote: shown as they are, and able to do nothing else. */
import type { FC } from "hono/jsx";
import { splitUnseen } from "../../../common/printable.ts";
import { formatTime } from "../../../common/time.ts";

/**
 * A name, isolated from the direction of the text around it; deceptive characters, and spaces at
 * either end, are shown by their number.
 */
export const Name: FC<{ text: string }> = ({ text }) => (
  <bdi>
    {splitUnseen(text).map((part, i) =>
      i % 2 === 0 ? part : <span class="odd">{`U+${part}`}</span>
    )}
  </bdi>
);

/** Like {@linkcode Name}, for places that only allow text: titles, labels. */
export function plainName(text: string): string {
  return splitUnseen(text).map((part, i) => i % 2 === 0 ? part : `[U+${part}]`).join("");
}

/** A time, or the words in place of one that is not set. */
export const TimeOr: FC<{ ms: number | null; none: string }> = ({ ms, none }) =>
  ms === null ? <>{none}</> : <Time ms={ms} />;

/** The end of a share, link or token. */
export const EndTime: FC<{ ms: number | null }> = ({ ms }) => <TimeOr ms={ms} none="no end" />;

/** The end of a share or link, behind its other terms; nothing where it has none. */
export const Until: FC<{ ms: number | null }> = ({ ms }) =>
  ms === null ? null : (
    <>
      , until <Time ms={ms} />
    </>
  );

/**
 * A time that programs can read too, in UTC. Script rewrites it in the browser's zone.
 *
 * @param props `zone` shows the name of the zone behind it
 */
export const Time: FC<{ ms: number; seconds?: boolean; zone?: boolean }> = (
  { ms, seconds = false, zone = false },
) => {
  const known = Math.abs(ms) <= 8_640_000_000_000_000;
  if (!known) return <span>unknown</span>;
  return (
    <time
      datetime={new Date(ms).toISOString()}
      title="UTC"
      data-seconds={seconds ? "" : undefined}
      data-show-zone={zone ? "" : undefined}
    >
      {formatTime(ms, seconds ? "seconds" : "minutes")}
      {zone && " UTC"}
    </time>
  );
};
