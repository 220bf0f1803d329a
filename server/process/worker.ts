/** A worker that can open every door, and be one of several nodes. */
import { joinBus, openEngine } from "../../storage/open_engine.ts";
import { FTP } from "./openers/ftp.ts";
import { NATIVE } from "./openers/native.ts";
import { WEB } from "./openers/web.ts";
import { runWorker } from "./worker_program.ts";

runWorker({ openers: { ...NATIVE, ...FTP, ...WEB }, openEngine, joinBus });
