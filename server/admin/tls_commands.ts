/** `tls renew-authority`: replaces the authority that the server made. */
import { certificateSource } from "../certificates/certificates.ts";
import { isHeld } from "../data/data_lock.ts";
import { renewAuthority } from "../certificates/own_certificate.ts";
import { adminCommand } from "./command.ts";

const renew = adminCommand("tls renew-authority", {
  flags: {},
  audited: () => ({ action: "renew-authority" }),
  async run({ data, options }) {
    const fingerprint = await renewAuthority(data, certificateSource(data, options, true).names);
    const running = isHeld(data);
    const text = `The server has a new certificate authority, SHA-256 fingerprint\n  ${fingerprint}
Clients must trust the new authority: client trust HOST:PORT, or the new tls/ca.pem with --ca.
${running ? "The server that runs uses it after SIGHUP or a restart.\n" : ""}`;
    return { text, data: { fingerprint, running } };
  },
});

/** The commands for the certificate that the server makes. */
export const TLS_COMMANDS = [renew];
