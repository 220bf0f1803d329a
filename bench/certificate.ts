// A throw-away authority and a certificate for 127.0.0.1, for the ceiling and the peers.

import { makeAuthority, makeLeaf } from "../server/certificates/make_certificates.ts";

/** Writes ca.pem, cert.pem and key.pem into a directory and returns their paths. */
export async function makeCertificate(
  dir: string,
): Promise<{ ca: string; cert: string; key: string }> {
  const authority = await makeAuthority();
  // rustls refuses an authority's own certificate as a server's, so the server gets one of its own.
  const leaf = await makeLeaf(authority, ["127.0.0.1", "localhost"]);
  const paths = { ca: `${dir}/ca.pem`, cert: `${dir}/cert.pem`, key: `${dir}/key.pem` };
  await Deno.writeTextFile(paths.ca, authority.cert);
  await Deno.writeTextFile(paths.cert, leaf.cert + authority.cert);
  await Deno.writeTextFile(paths.key, leaf.key, { mode: 0o600 });
  return paths;
}
