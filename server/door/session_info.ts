import type { SessionInfo } from "../../storage/monitor/sessions.ts";

/** A session as the native protocol and `admin` show it to administrators. */
export function sessionInfo(
  { sessionId, account, door, address, sinceMs, node, transfer }: SessionInfo,
) {
  const session = { session_id: sessionId, username: account, door, address, since: sinceMs };
  return { ...session, ...(node !== undefined && { node }), ...(transfer && { transfer }) };
}
