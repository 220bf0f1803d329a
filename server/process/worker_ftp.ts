/** A worker that opens the native and the FTP door. */
import { openDisk } from "../../storage/open_disk.ts";
import { FTP } from "./openers/ftp.ts";
import { NATIVE } from "./openers/native.ts";
import { runWorker } from "./worker_program.ts";

runWorker({ openers: { ...NATIVE, ...FTP }, openEngine: openDisk });
