import { openWebDoor } from "../../web/door.ts";
import type { Openers } from "./opener.ts";

/** The web door. */
export const WEB: Openers = {
  web: (options, server) =>
    openWebDoor(options, {
      corsOrigins: server["cors-origin"],
      isPlain: server["web-plain"],
      basePath: server["web-base-path"],
    }),
};
