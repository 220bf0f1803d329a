/** The table of the HTTP API; a row is added by adding it here. */
import type { ApiRoute } from "./route.ts";
import { dropUpload, listUploads } from "./uploads.ts";

export const ROUTES: readonly ApiRoute[] = [listUploads, dropUpload];
