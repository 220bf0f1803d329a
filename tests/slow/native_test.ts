// The transfers of the native door once more, over a disk whose writes are late.

import "../support/slow_writes.ts";
import "../native/upload_test.ts";
import "../native/pipelined_test.ts";
import "../native/resume_test.ts";
import "../native/slow_disk_test.ts";
