/** How to trust the server's own authority, for people who have no account yet too. */
import { createHash, X509Certificate } from "node:crypto";
import type { Register } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import { page } from "../ui/layout.tsx";
import { TrustPage } from "./page.tsx";

/** Name of the authority's file in a browser's downloads. */
const FILE = "towpath-ca.crt";

/** Registers the routes of the page about trust. */
export const registerTrust: Register = (app, services) => {
  const authority = () => authorityOf(services.certificate?.() ?? "");
  app.get("/trust", (c) => {
    const fingerprint = authority()?.fingerprint256;
    return page(c, <TrustPage session={c.var.session} fingerprint={fingerprint} />);
  });
  app.get("/trust/ca.crt", (c) => {
    const found = authority();
    if (found === undefined) {
      throw new WebError(404, "no-route", "This server has no authority of its own");
    }
    const text = found.toString();
    return c.body(text, 200, {
      "content-type": "application/x-x509-ca-cert",
      "content-disposition": `attachment; filename="${FILE}"`,
      "etag": `"${createHash("sha256").update(text).digest("base64url")}"`,
    });
  });
};

/** The authority at the end of a chain, if it signed itself; undefined: others vouch for the server. */
function authorityOf(chain: string): X509Certificate | undefined {
  const last = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\s*$/.exec(chain)?.[0];
  if (last === undefined) return undefined;
  const certificate = new X509Certificate(last);
  return certificate.ca && certificate.subject === certificate.issuer ? certificate : undefined;
}
