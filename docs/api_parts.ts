/** The generated parts of docs/api.md, from the tables that the web door itself reads. */
import { type ApiRoute } from "../server/web/api/route.ts";
import { ROUTES } from "../server/web/api/table.ts";
import { SERIES } from "../server/web/metrics.ts";
import { code, table } from "./table.ts";

/** The operations of the HTTP API. */
export function apiOperations(): string {
  return table(
    ["request", "permissions", "effect", "responses"],
    ROUTES.map((row) => [requestOf(row), row.letters, row.summary, answersOf(row)]),
  );
}

/** The series of `/metrics`. */
export function metricSeries(): string {
  return table(
    ["series", "kind", "meaning"],
    SERIES.map(([name, kind, of]) => [code(name), kind, of]),
  );
}

function requestOf({ method, at, query, body }: ApiRoute): string {
  const names = Object.keys(query?.entries ?? {});
  const address = names.length === 0 ? at : `${at}?${names.join("&")}`;
  const members = Object.entries(body?.entries ?? {})
    .map(([name, { type }]) => type === "exact_optional" ? `${name}?` : name);
  const json = members.length === 0 ? "" : ` ${code(`{${members.join(", ")}}`)}`;
  return code(`${method.toUpperCase()} ${address}`) + json;
}

function answersOf({ replies }: ApiRoute): string {
  return Object.entries(replies)
    .map(([status, text]) => `${status}: ${text.startsWith("{") ? code(text) : text}`)
    .join("<br>");
}
