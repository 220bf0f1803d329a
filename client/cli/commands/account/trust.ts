import {
  type Authority,
  fetchAuthority,
  fingerprintPairs,
} from "../../../lib/connection/authority.ts";
import { DEFAULT_TIMEOUT_MS } from "../../../lib/connection/client.ts";
import type { Command, Context } from "../../options/command.ts";
import { needConfig } from "../../../lib/connection/config.ts";
import { ask } from "../../options/credentials.ts";
import { type Endpoint, parseEndpoint } from "../../../lib/connection/endpoint.ts";
import { ClientError, ExitCode, usageError } from "../../../lib/common/error.ts";
import { connectTls, trustPlace } from "../../../lib/connection/tls.ts";

/** `trust HOST:PORT` */
export const trust: Command = {
  name: "trust",
  summary: "fetch a server's certificate authority and keep it once it is confirmed",
  usage: "HOST:PORT [--fingerprint HEX]",
  options: [
    { name: "fingerprint", value: "HEX", summary: "SHA-256 that the authority must have" },
  ],
  arguments: { least: 1, most: 1 },
  details: "Compare the fingerprint with the one you get from the server's owner by other means.",
  async run(context) {
    const endpoint = parseEndpoint(context.args[0]!);
    const config = needConfig(context.config);
    const wanted = readFingerprint(context.values.text("fingerprint"));
    const timeoutMs = context.values.number("timeout") ?? DEFAULT_TIMEOUT_MS;
    const authority = await fetchAuthority(endpoint, timeoutMs);
    await confirm(context, endpoint, authority, wanted);
    // Kept only if it proves the server: right name, valid today, really signed by it.
    (await connectTls(endpoint, [authority.pem], timeoutMs)).close();
    config.write(trustPlace(endpoint), authority.pem);
    const { fingerprint } = authority;
    context.output.event("done", { server: endpoint.name, fingerprint });
    context.output.result(
      `${endpoint.name} is trusted now, fingerprint ${fingerprintPairs(fingerprint)}`,
    );
  },
};

async function confirm(
  context: Context,
  endpoint: Endpoint,
  authority: Authority,
  wanted: string | undefined,
): Promise<void> {
  const found = fingerprintPairs(authority.fingerprint);
  const refuse = (why: string) => new ClientError(why, { exitCode: ExitCode.connection });
  if (wanted !== undefined) {
    if (wanted === authority.fingerprint) return;
    throw refuse(
      `Cannot trust ${endpoint.name}: its authority has the fingerprint ${found}, not the one given`,
    );
  }
  context.output.note(`The authority of ${endpoint.name} has the SHA-256 fingerprint\n  ${found}`);
  if (!Deno.stdin.isTerminal()) {
    throw refuse(
      `${endpoint.name} is not trusted: confirm the fingerprint ${found} on a terminal or with --fingerprint`,
    );
  }
  const answer = await ask("Trust it? (yes/no) ", true);
  if (!/^y(es)?$/i.test(answer.trim())) throw refuse(`${endpoint.name} is not trusted`);
}

function readFingerprint(text: string | undefined): string | undefined {
  const hex = text?.replaceAll(":", "").toLowerCase();
  if (hex === undefined || /^[0-9a-f]{64}$/.test(hex)) return hex;
  throw usageError("--fingerprint must be 64 hexadecimal digits, with or without colons");
}
