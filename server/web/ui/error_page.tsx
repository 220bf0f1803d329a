/** The page for a request that failed. */
import type { FC } from "hono/jsx";
import type { WebContext } from "../env.ts";
import { type Problem, TITLES } from "../failure.ts";
import { Layout, page } from "./layout.tsx";
import type { WebSession } from "../web_session.ts";

/** See the head of the module. */
export const ErrorPage: FC<{ problem: Problem; session: WebSession | undefined }> = (
  { problem, session },
) => {
  const title = TITLES[problem.status] ?? "Failed";
  return (
    <Layout title={title} session={session}>
      <h1>{title}</h1>
      <p role="alert">{problem.detail}.</p>
      <p>
        <a href="/">Go to the files</a>
      </p>
    </Layout>
  );
};

/** The failure of a request, as a page. */
export function errorPage(c: WebContext, problem: Problem): Response | Promise<Response> {
  const content = <ErrorPage problem={problem} session={c.var.session} />;
  return page(c, content, problem.status, problem.headers);
}
