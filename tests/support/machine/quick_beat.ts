/** The server whose workers fail, asked more often whether they answer: one that hangs shows sooner. */
import { BEAT } from "../../../server/process/heartbeat.ts";

BEAT.ms = 1500;
await import("../../../soak/failing/server.ts");
