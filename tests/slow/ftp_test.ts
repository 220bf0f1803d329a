// The transfers of the FTP door once more, over a disk whose writes are late.

import "../support/slow/slow_writes.ts";
import "../ftp/transfer_test.ts";
