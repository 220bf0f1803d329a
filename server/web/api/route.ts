/** What the table of the HTTP API consists of. */
import type { WebContext, WebServices } from "../env.ts";
import type { WebSession } from "../web_session.ts";

/** What a row sees of a request. */
export interface ApiRequest {
  readonly c: WebContext;
  readonly services: WebServices;
  readonly session: WebSession;
  /** The path that the address names, decoded, for rows that take one. */
  readonly path: string;
}

/** A value in the address or in a JSON body, as JSON Schema describes it. */
export interface Field {
  readonly type: "string" | "integer" | "boolean";
  readonly summary: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
}

/**
 * A row of the table. Routing, the OpenAPI description and the tests that every row demands a login
 * and its letters are derived from the rows.
 */
export interface ApiRoute {
  /** Name in the OpenAPI description. */
  readonly name: string;
  readonly method: "get" | "put" | "post" | "delete";
  /** Below `/api/v1`; `{path}` at its end takes the rest, slashes included. */
  readonly at: string;
  /** Letters that it needs, all of them; the vault checks them. */
  readonly letters: string;
  /** One sentence. */
  readonly summary: string;
  readonly query?: Readonly<Record<string, Field>>;
  /** Members of its JSON body. */
  readonly body?: Readonly<Record<string, Field>>;
  /** Takes or gives content, not JSON. */
  readonly content?: "takes" | "gives";
  /** What it answers, by status. */
  readonly replies: Readonly<Record<number, string>>;
  run(request: ApiRequest): Promise<Response> | Response;
}

/** Makes a row. */
export function route(row: ApiRoute): ApiRoute {
  return row;
}
