/** The table of the HTTP API as an OpenAPI 3.1 description (https://spec.openapis.org/oas/v3.1.0). */
import { toJsonSchema } from "@valibot/to-json-schema";
import type { ObjectEntries } from "valibot";
import { TITLES } from "../request/failure.ts";
import type { ApiRoute } from "./route.ts";
import type { BodySchema } from "./schemas.ts";

const PROBLEM = { $ref: "#/components/schemas/Problem" };
/** Error statuses of every operation, beside its own replies. */
const FAILURES = [400, 401, 403, 404, 409, 429, 500, 503];

/** The description, as an object for JSON. */
export function openApi(
  rows: readonly ApiRoute[],
  { version, root }: { version: string; root: string },
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const row of rows) {
    const operations = paths[row.at] ??= {};
    operations[row.method] = operation(row);
    if (row.method === "get" && row.content === "gives") {
      operations.head = { ...operation(row), operationId: `${row.name}Head` };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Towpath",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description: "Files over HTTPS. `{path}` takes slashes: it is all the rest of the address.",
    },
    servers: [{ url: root }],
    security: [{ token: [] }, { password: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        password: { type: "http", scheme: "basic" },
      },
      schemas: {
        Problem: {
          type: "object",
          description: "RFC 9457",
          properties: {
            status: { type: "integer" },
            kind: { type: "string" },
            title: { type: "string" },
            detail: { type: "string" },
          },
          required: ["status", "kind", "title", "detail"],
        },
      },
    },
  };
}

function operation(row: ApiRoute): Record<string, unknown> {
  const { name, at, letters, summary, query, body, content, replies } = row;
  const needs = letters === "" ? "" : ` Needs the permissions ${letters}.`;
  return {
    operationId: name,
    summary,
    description: summary + needs,
    parameters: [
      ...(at.includes("{path}") ? [pathParameter()] : []),
      ...queryParameters(query?.entries ?? {}),
    ],
    ...(body ? { requestBody: jsonBody(body) } : {}),
    ...(content === "takes" ? { requestBody: contentBody() } : {}),
    responses: {
      ...Object.fromEntries(
        FAILURES.map((status) => [status, problem(TITLES[status] ?? "Failed")]),
      ),
      ...Object.fromEntries(
        Object.entries(replies).map(([status, text]) => [
          status,
          Number(status) < 400 ? { description: text } : problem(text),
        ]),
      ),
    },
  };
}

function pathParameter() {
  return { name: "path", in: "path", required: true, schema: { type: "string" } };
}

function contentBody() {
  const schema = { type: "string", format: "binary" };
  return { required: true, content: { "application/octet-stream": { schema } } };
}

function queryParameters(entries: ObjectEntries) {
  return Object.entries(entries).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field);
    return { name, in: "query", description, schema };
  });
}

function jsonBody(body: BodySchema) {
  const schema = schemaOf(body);
  const required = (schema.required ?? []).length > 0;
  return { required, content: { "application/json": { schema } } };
}

/** The JSON Schema of what a valibot schema takes, without the name of its dialect. */
function schemaOf(schema: BodySchema | ObjectEntries[string]) {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema as BodySchema, {
    target: "draft-2020-12",
    typeMode: "output", // parameters of the address are shown with their parsed type
    ignoreActions: ["check"],
  });
  return rest;
}

function problem(description: string) {
  return { description, content: { "application/problem+json": { schema: PROBLEM } } };
}
