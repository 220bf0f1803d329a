/** The page for a request that failed. */
import type { FC } from "hono/jsx";
import type { WebContext } from "../env.ts";
import { type Problem, TITLES } from "../failure.ts";
import { Layout, page } from "./layout.tsx";
import type { WebSession } from "../web_session.ts";

/** Page that says why a request failed, and what to do. */
export const ErrorPage: FC<{
  problem: Problem;
  session: WebSession | undefined;
  /** Address of the page that tells which rule denies it. */
  why: string | undefined;
}> = ({ problem, session, why }) => {
  const title = TITLES[problem.status] ?? "Failed";
  return (
    <Layout title={title} session={session} width="reading">
      <section class="card">
        <h1>{title}</h1>
        <p role="alert">{problem.detail}.</p>
        <div class="row">
          {why !== undefined && <a class="button" href={why}>What is allowed, and why</a>}
          <a class="button" href="/">Go to the files</a>
        </div>
      </section>
    </Layout>
  );
};

/** The failure of a request, as a page. */
export function errorPage(c: WebContext, problem: Problem): Response | Promise<Response> {
  const content = <ErrorPage problem={problem} session={c.var.session} why={whyHref(c, problem)} />;
  return page(c, content, problem.status, problem.headers);
}

/** Where it is told which rule denies it, for a page about a path, or a form of such a page. */
function whyHref(c: WebContext, { kind }: Problem): string | undefined {
  if (kind !== "denied") return undefined;
  const form = c.req.method === "POST" ? c.req.header("referer") : undefined;
  const address = form !== undefined && URL.canParse(form) ? form : c.req.url;
  const rest = /^\/(?:files|details|raw|zip)(\/.*)$/.exec(new URL(address).pathname)?.[1];
  return rest === undefined ? undefined : `/why${rest}`;
}
