/** The page for a request that failed. */
import type { FC } from "hono/jsx";
import { withoutBasePath } from "../request/base_path.ts";
import { isOwnOrigin } from "../request/cors.ts";
import type { WebContext } from "../request/env.ts";
import { type Problem, TITLES } from "../request/failure.ts";
import { withQuery } from "./href.ts";
import { Layout, page } from "./layout.tsx";
import type { WebSession } from "../request/web_session.ts";

/** Page that says why a request failed, and what to do. */
const ErrorPage: FC<{
  problem: Problem;
  session: WebSession | undefined;
  /** Address of the page that shows the denying rule. */
  why: string | undefined;
  /** Pages of the way back: the nearest first. */
  ways: readonly Way[];
}> = ({ problem, session, why, ways }) => {
  const title = TITLES[problem.status] ?? "Failed";
  return (
    <Layout title={title} session={session} width="reading">
      <section class="card">
        <h1>{title}</h1>
        <p role="alert">{problem.detail}.</p>
        <div class="row">
          {why !== undefined && <a class="button" href={why}>What is allowed, and why</a>}
          {ways.map(({ href, word }) => <a class="button" href={href}>{word}</a>)}
        </div>
      </section>
    </Layout>
  );
};

/** The failure of a request, as a page. */
export function errorPage(c: WebContext, problem: Problem): Response | Promise<Response> {
  const { session } = c.var;
  const props = { problem, session, why: whyHref(c, problem), ways: waysOn(c, problem) };
  return page(c, <ErrorPage {...props} />, problem.status, problem.headers);
}

interface Way {
  readonly href: string;
  readonly word: string;
}

/**
 * Pages on which a user can continue: the page of the form, the folder above, the page that lists
 * such things.
 */
function waysOn(c: WebContext, { status }: Problem): Way[] {
  const { pathname } = new URL(c.req.url);
  const ways: Way[] = [];
  const before = pageBefore(c);
  if (c.req.method === "POST" && before !== undefined) {
    const { origin, pathname: path, search } = new URL(before);
    if (isOwnOrigin(c, origin) && path !== pathname) {
      ways.push({ href: path + search, word: "Back to the page" });
    }
  } else if (status === 503 || status === 429) {
    ways.push({ href: pathname + new URL(c.req.url).search, word: "Try again" });
  }
  const folder = /^\/(?:files|details|raw|zip|why)(\/.+)$/.exec(pathname)?.[1];
  if (folder !== undefined) {
    const above = folder.replace(/\/[^/]*\/?$/, "");
    if (above !== "") ways.push({ href: `/files${above}`, word: "The folder above" });
  }
  // The page to which the address of a form, or of something that has ended, belongs.
  const owner = /^(\/admin\/[a-z]+|\/account|\/s\/[^/]+)\//.exec(pathname)?.[1];
  if (owner !== undefined) ways.push({ href: owner, word: "The page that it belongs to" });
  if (c.var.session) ways.push({ href: "/", word: "Go to the files" });
  else ways.push({ href: withQuery("/sign-in", { next: ways[0]?.href }), word: "Sign in" });
  return ways;
}

/**
 * Address of the page that shows the denying rule, for a page about a path, or a form of such a
 * page.
 */
export function whyHref(c: WebContext, { kind }: Problem): string | undefined {
  if (kind !== "denied") return undefined;
  const address = (c.req.method === "POST" ? pageBefore(c) : undefined) ?? c.req.url;
  const rest = /^\/(?:files|details|raw|zip)(\/.*)$/.exec(new URL(address).pathname)?.[1];
  return rest === undefined ? undefined : `/why${rest}`;
}

/** URL of the page that the browser was on, if it can be one of this server. */
function pageBefore(c: WebContext): string | undefined {
  const before = c.req.header("referer");
  if (before === undefined || !URL.canParse(before)) return undefined;
  return withoutBasePath(before, c.var.basePath);
}
