// The transfers of the native door once more, over a disk whose writes are late.

import "../support/slow/slow_writes.ts";
import "../native/transfers/upload_test.ts";
import "../native/transfers/pipelined_test.ts";
import "../native/transfers/resume_test.ts";
import "../native/transfers/slow_disk_test.ts";
