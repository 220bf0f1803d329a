/** The pages: everything that is for people and not for programs. */
import type { Register } from "./request/env.ts";
import { registerAccount } from "./pages/account_routes.tsx";
import { registerActions } from "./pages/action_routes.tsx";
import { registerLocks } from "./pages/lock_routes.ts";
import { registerAdmin } from "./pages/admin/routes.tsx";
import { registerContent } from "./pages/content_routes.ts";
import { registerFiles } from "./pages/files_routes.tsx";
import { registerShares } from "./pages/share_routes.tsx";
import { registerVisits } from "./pages/visit_routes.tsx";

/** Registers the routes of all pages. */
export const registerPages: Register = (app, services) => {
  registerFiles(app, services);
  registerContent(app, services);
  registerActions(app, services);
  registerLocks(app, services);
  registerShares(app, services);
  registerAccount(app, services);
  registerAdmin(app, services);
  registerVisits(app, services);
};
