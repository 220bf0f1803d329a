/**
 * Who follows a link from another site shows no cookie, since it is `SameSite=Strict`: as if he
 * were not signed in. One page of ours in between, which leads to the same address, comes from this
 * site: to that one the cookie is shown. Only for requests that change nothing.
 */
import type { WebContext } from "./request/env.ts";
import { Layout, page } from "./ui/layout.tsx";

/** The page in between, for a request that another site led to; undefined for every other one. */
export function bounce(c: WebContext): Response | Promise<Response> | undefined {
  const from = c.req.header("sec-fetch-site");
  // Without this header it is not known where the request comes from, and there could be no end.
  if (from !== "cross-site" && from !== "same-site") return undefined;
  if (c.req.header("sec-fetch-mode") !== "navigate") return undefined;
  const { pathname, search } = new URL(c.req.url);
  if (pathname.startsWith("//")) return undefined; // read as an address it is another host
  const address = pathname + search;
  return page(
    c,
    <Layout title="One moment" width="narrow" goesOn={address}>
      <p class="card">
        <a href={address}>Go on to the page</a>
      </p>
    </Layout>,
  );
}
