/** The way to a place, each step a link. */
import type { FC } from "hono/jsx";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import { encodePath } from "./href.ts";
import { Name } from "./text.tsx";

/** Links to the directories above a place. The last step is the page's heading. */
export const Breadcrumbs: FC<{
  path: VirtualPath;
  /** Address of the place that `/` is. */
  base: string;
  /** Name of the root. */
  root: string;
}> = ({ path, base, root }) => {
  const segments = path.split("/").filter((segment) => segment !== "");
  const steps = segments.map((name, i) => ({
    name,
    href: `${base}${encodePath("/" + segments.slice(0, i + 1).join("/"))}`,
  }));
  const last = steps.pop();
  const up = steps.at(-1)?.href ?? `${base}/`;
  return (
    <nav class="crumbs" aria-label="Where this is">
      <ol>
        {last === undefined
          ? (
            <li>
              <h1>{root}</h1>
            </li>
          )
          : (
            <>
              <Step href={`${base}/`} name={root} up={up === `${base}/`} />
              {steps.map(({ href, name }) => <Step href={href} name={name} up={href === up} />)}
              <li>
                <h1 aria-current="page">
                  <Name text={last.name} />
                </h1>
              </li>
            </>
          )}
      </ol>
    </nav>
  );
};

const Step: FC<{ href: string; name: string; up: boolean }> = ({ href, name, up }) => (
  <li>
    <a href={href} data-up={up ? "" : undefined}>
      <Name text={name} />
    </a>
  </li>
);
