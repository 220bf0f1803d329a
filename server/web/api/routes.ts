/** Registers the rows of the HTTP API. */
import { authenticate } from "../session/credentials.ts";
import { hrefOut } from "../request/base_path.ts";
import type { Register, WebContext } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import type { ApiRoute } from "./route.ts";
import { ROUTES } from "./table.ts";
import { bodyOf, queryOf } from "./values.ts";

/** Where the API begins. */
const API_ROOT = "/api/v1";
const REST = "/{path}";

/** Registers the routes of the API. */
export const registerApi: Register = (app, services) => {
  for (const row of ROUTES) {
    const root = API_ROOT + row.at.replace(REST, "");
    const run = async (c: WebContext) => {
      const session = await authenticate(services, c);
      const path = restOf(c, root);
      const query = row.query === undefined ? {} : queryOf(c, row.query);
      const body = row.body === undefined ? {} : await bodyOf(c, row.body);
      return await row.run({ c, services, session, path, query, body });
    };
    for (const pattern of patternsOf(row, root)) app.on(row.method.toUpperCase(), pattern, run);
  }
  let description: Record<string, unknown> | undefined;
  app.get(`${API_ROOT}/openapi.json`, async (c) => {
    const { openApi } = await import("./openapi.ts"); // loads what few servers need
    const { version } = services.serverInfo;
    const root = hrefOut(c, API_ROOT);
    return c.json(description ??= openApi(ROUTES, { version, root }));
  });
  app.all(`${API_ROOT}/*`, (c) => {
    throw unrouted(c);
  });
};

function patternsOf({ at }: ApiRoute, root: string): string[] {
  return at.endsWith(REST) ? [root, `${root}/*`] : [root];
}

/** The rest of the path after the row's own address, decoded once. */
function restOf(c: WebContext, root: string): string {
  const rest = new URL(c.req.url).pathname.slice(root.length);
  try {
    return decodeURIComponent(rest) || "/";
  } catch {
    throw new WebError(400, "bad-name", "The address is not percent-encoded UTF-8");
  }
}

/** Returns 405 with the possible methods, or 404. */
function unrouted(c: WebContext): WebError {
  const { pathname } = new URL(c.req.url);
  const here = ROUTES.filter(({ at }) => {
    const root = API_ROOT + at.replace(REST, "");
    return pathname === root || at.endsWith(REST) && pathname.startsWith(`${root}/`);
  });
  if (here.length === 0) return new WebError(404, "no-route", "There is no such address");
  const allow = here.map(({ method }) => method.toUpperCase()).join(", ");
  return new WebError(405, "method", `Possible here: ${allow}`, { allow });
}
