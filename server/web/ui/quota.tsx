/** Used part of an account's quota. */
import type { FC } from "hono/jsx";
import type { Usage } from "../../../storage/contract/catalog.ts";
import { formatSize } from "../../../common/size.ts";

/** Bar and text of the used part of a quota. */
export const Quota: FC<{ usage: Usage & { quotaBytes: number | null } }> = ({ usage }) => {
  const { usedBytes, reservedBytes, quotaBytes } = usage;
  const held = usedBytes + reservedBytes;
  if (quotaBytes === null) return <p class="quota">{formatSize(held)} used</p>;
  const text = `${formatSize(held)} of ${formatSize(quotaBytes)} used`;
  const full = held >= quotaBytes * 0.95;
  return (
    <p class="quota">
      <progress
        class={full ? "full" : ""}
        max={Math.max(quotaBytes, 1)}
        value={Math.min(held, quotaBytes)}
        aria-label={text}
      />
      <span>{text}</span>
    </p>
  );
};
