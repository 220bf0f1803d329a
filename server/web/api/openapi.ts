/** The table of the HTTP API as an OpenAPI 3.1 description (https://spec.openapis.org/oas/v3.1.0). */
import { TITLES } from "../failure.ts";
import type { ApiRoute, Field } from "./route.ts";

const PROBLEM = { $ref: "#/components/schemas/Problem" };
/** What every row may answer beside its own. */
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
  const { name, at, letters, summary, query = {}, body, content, replies } = row;
  const needs = letters === "" ? "" : ` Needs the permission letters ${letters}.`;
  return {
    operationId: name,
    summary,
    description: summary + needs,
    parameters: [
      ...(at.includes("{path}") ? [pathParameter()] : []),
      ...Object.entries(query).map(([name, field]) => ({
        name,
        in: "query",
        description: field.summary,
        schema: schemaOf(field),
      })),
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

function jsonBody(fields: Readonly<Record<string, Field>>) {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      { ...schemaOf(field), description: field.summary },
    ]),
  );
  const required = Object.entries(fields).filter(([, field]) => field.required).map(([n]) => n);
  const schema = { type: "object", properties, required, additionalProperties: false };
  return { required: required.length > 0, content: { "application/json": { schema } } };
}

function schemaOf({ type, choices }: Field): Record<string, unknown> {
  return choices ? { type, enum: choices } : { type };
}

function problem(description: string) {
  return { description, content: { "application/problem+json": { schema: PROBLEM } } };
}
