/** The application: what holds for every request, and the areas that register their routes. */
import { Hono } from "hono";
import { bounce } from "./bounce.tsx";
import { registerApi } from "./api/routes.ts";
import { registerAssets } from "./assets/routes.ts";
import { allowOrigins } from "./request/cors.ts";
import { isForPrograms, refuseCrossSite } from "./cross_site.ts";
import type { Register, WebApp, WebContext, WebEnv, WebServices } from "./request/env.ts";
import { type Problem, problemJson, problemOf, WebError } from "./request/failure.ts";
import { registerMetrics } from "./metrics.ts";
import { registerPages } from "./page_routes.ts";
import { leadBelow, refuseOutside } from "./request/base_path.ts";
import { refuseClosed } from "./request/entrance.ts";
import { countRequests } from "./request/request_limits.ts";
import { requestLog } from "./request_log.ts";
import { securityHeaders } from "./request/security_headers.ts";
import { cookieSession } from "./session/session_cookie.ts";
import { registerSignIn } from "./pages/sign_in.tsx";
import { registerTrust } from "./trust/routes.tsx";
import { registerTus } from "./tus/routes.ts";
import { tusProblem } from "./tus/replies.ts";
import { errorPage } from "./ui/error_page.tsx";

/** All areas, in the order in which their routes are tried. */
const AREAS: readonly Register[] = [
  registerAssets,
  registerSignIn,
  registerTrust,
  registerApi,
  registerTus,
  registerMetrics,
  registerPages,
];

/** Makes the application. */
export function makeApp(services: WebServices): WebApp {
  const app: WebApp = new Hono<WebEnv>({ strict: true });
  const { corsOrigins = [], basePath } = services;
  app.use(leadBelow(basePath));
  app.use(requestLog(services));
  app.use(securityHeaders());
  app.use(refuseOutside(basePath));
  app.use(allowOrigins(corsOrigins));
  app.use(countRequests(services));
  app.use(refuseClosed(services));
  app.use(cookieSession(services));
  app.use(refuseCrossSite(corsOrigins));
  for (const register of AREAS) register(app, services);
  app.notFound((c) =>
    respond(c, problemOf(new WebError(404, "no-route", "There is no such page")))
  );
  app.onError((error, c) => respond(c, problemOf(error)));
  return app;
}

/**
 * Reports a failure as JSON to programs, and as a page to people; without a session it leads to the
 * sign-in page.
 */
function respond(c: WebContext, failure: Problem): Response | Promise<Response> {
  const problem = /^\/tus(\/|$)/.test(c.req.path) ? tusProblem(failure) : failure;
  const { status, headers } = problem;
  if (isForPrograms(c.req.path) || wantsJson(c)) {
    const type = { "content-type": "application/problem+json" };
    return c.body(problemJson(problem), status as 400, { ...headers, ...type });
  }
  if (status === 401 && c.req.method === "GET") {
    const between = bounce(c);
    if (between !== undefined) return between;
    const { pathname, search } = new URL(c.req.url);
    return c.redirect(`/sign-in?next=${encodeURIComponent(pathname + search)}`, 303);
  }
  return errorPage(c, problem);
}

function wantsJson(c: WebContext): boolean {
  const accept = c.req.header("accept") ?? "";
  return /[/+]json/.test(accept) && !accept.includes("text/html");
}
