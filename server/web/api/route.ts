/** Types of the table of the HTTP API. */
import type { InferOutput } from "valibot";
import type { WebContext, WebServices } from "../request/env.ts";
import type { WebSession } from "../request/web_session.ts";
import type { BodySchema, QuerySchema } from "./schemas.ts";

/** A request as an operation sees it. */
export interface ApiRequest<Q = unknown, B = unknown> {
  readonly c: WebContext;
  readonly services: WebServices;
  readonly session: WebSession;
  /** The path that the address names, decoded, for rows that take one. */
  readonly path: string;
  /** Values of the address, checked. */
  readonly query: Q;
  /** Members of the JSON body, checked. */
  readonly body: B;
}

/**
 * A row of the table. Routing, the OpenAPI description and the tests that every row demands a login
 * and its permissions are derived from the rows.
 */
export interface ApiRoute<Q extends QuerySchema = QuerySchema, B extends BodySchema = BodySchema> {
  /** Name in the OpenAPI description. */
  readonly name: string;
  readonly method: "get" | "put" | "post" | "delete";
  /** Below `/api/v1`; `{path}` at its end takes the rest, slashes included. */
  readonly at: string;
  /** Permissions that it needs, all of them; the vault checks them. */
  readonly letters: string;
  /** One sentence. */
  readonly summary: string;
  /** Values of its address. */
  readonly query?: Q;
  /** Members of its JSON body. */
  readonly body?: B;
  /** Takes or gives content, not JSON. */
  readonly content?: "takes" | "gives";
  /** Replies by status. */
  readonly replies: Readonly<Record<number, string>>;
  run(request: ApiRequest<InferOutput<Q>, InferOutput<B>>): Promise<Response> | Response;
}

/** Makes a row, whose `run` gets values of the types that its schemas say. */
export function route<Q extends QuerySchema, B extends BodySchema>(row: ApiRoute<Q, B>): ApiRoute {
  return row as unknown as ApiRoute;
}
