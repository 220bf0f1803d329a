import project from "../../deno.json" with { type: "json" };
import type { ServerInfo } from "./door.ts";

/** Name and version of this server. */
export const SERVER_INFO: ServerInfo = { name: "Towpath", version: project.version };
