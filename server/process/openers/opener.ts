/** Opening of doors. A worker loads those alone that it opens (worker_thread.ts). */
import type { Door, DoorOptions, ListenerName } from "../../door/door.ts";
import type { ServerOptions } from "../../options/definitions.ts";

/** Opens a door. */
export type Opener = (options: DoorOptions, server: ServerOptions) => Promise<Door>;

/** Doors that can be opened. */
export type Openers = Partial<Record<ListenerName, Opener>>;
