/** The pages: everything that is for people and not for programs. */
import type { Register } from "../env.ts";
import { registerAccount } from "./account_routes.tsx";
import { registerActions } from "./action_routes.tsx";
import { registerAdmin } from "./admin/routes.tsx";
import { registerContent } from "./content_routes.ts";
import { registerFiles } from "./files_routes.tsx";
import { registerShares } from "./share_routes.tsx";
import { registerVisits } from "./visit_routes.tsx";

/** Registers the routes of all pages. */
export const registerPages: Register = (app, services) => {
  registerFiles(app, services);
  registerContent(app, services);
  registerActions(app, services);
  registerShares(app, services);
  registerAccount(app, services);
  registerAdmin(app, services);
  registerVisits(app, services);
};
