/** A worker that opens the native door only. */
import { openDisk } from "../../storage/open_disk.ts";
import { NATIVE } from "./openers/native.ts";
import { runWorker } from "./worker_program.ts";

runWorker({ openers: NATIVE, openEngine: openDisk });
