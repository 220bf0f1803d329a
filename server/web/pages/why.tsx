/** The page that shows which rule allows or denies each permission at a path. */
import type { FC } from "hono/jsx";
import type { LetterRule } from "../../../storage/access/why.ts";
import { Letters } from "../ui/form.tsx";

/** Table of the rule behind each permission. */
export const WhyTable: FC<{ letters: readonly LetterRule[] }> = ({ letters }) => (
  <dl class="facts">
    {letters.map(({ letter, allowed, rule }) => (
      <>
        <dt>
          <span class={allowed ? "badge on" : "badge bad"}>{allowed ? "yes" : "no"}</span>{" "}
          <Letters letters={letter} />
        </dt>
        <dd class="small">{rule}</dd>
      </>
    ))}
  </dl>
);
