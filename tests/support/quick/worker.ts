/** A worker of the server that main.ts beside this file starts. */
import "./passwords.ts";
import "../../../server/process/worker.ts";
