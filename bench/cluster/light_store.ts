// A store in memory as a program of its own, whose CPU is not the measured node's. Prints its port.
// Arguments: none.

import { startS3 } from "./s3_in_memory.ts";

console.log(new URL(startS3().endpoint).port);
