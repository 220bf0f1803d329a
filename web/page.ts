/**
 * Script of the server's pages. They work without it: everything here finds its places by `data-`
 * attributes, listens at the document, and so keeps working when content is exchanged.
 */
import { followCopying, unhide } from "./copying.ts";
import { followDrops } from "./drops.ts";
import { followFilters } from "./filter.ts";
import { followKeys } from "./keys.ts";
import { followLive, scrollLogs } from "./live.ts";
import { followNavigation, takeAddress } from "./navigation.ts";
import { followRows, returnToRow } from "./row_focus.ts";
import { followSelection, selectStem, showSelection } from "./selection.ts";
import { localizeTimes } from "./times.ts";
import { followToasts, forgetDone } from "./toasts.ts";
import { enhanceUploadForm, followUploads, isUploading } from "./uploading.ts";

function enhance(): void {
  unhide(document);
  localizeTimes(document);
  enhanceUploadForm(document);
  showSelection();
  scrollLogs(document);
  forgetDone();
  takeAddress();
  selectStem();
  returnToRow();
}

enhance();
followToasts();
followFilters();
followDrops();
followKeys();
followSelection();
followRows();
followCopying();
followLive();
followNavigation(isUploading, enhance);
followUploads();
