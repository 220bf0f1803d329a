/** A worker that opens the native and the web door. */
import { openDisk } from "../../storage/open_disk.ts";
import { NATIVE } from "./openers/native.ts";
import { WEB } from "./openers/web.ts";
import { runWorker } from "./worker_program.ts";

runWorker({ openers: { ...NATIVE, ...WEB }, openEngine: openDisk });
