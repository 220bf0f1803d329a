/** Parsing of certificates, for tests. */
import { delay } from "@std/async";
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import type { TestServer } from "./server.ts";

/** Names in the certificate that a new connection is shown. */
export function shownNames(server: TestServer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const { raw } = socket.getPeerCertificate(true);
      socket.destroy();
      resolve(new X509Certificate(raw).subjectAltName ?? "");
    });
  });
}

/** Waits until something holds; fails after a timeout. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`timeout: ${what}`);
    await delay(20);
  }
}
