/** Marks of a move between engines (`admin migrate`): while they stand, nothing else uses the data. */
import { programName } from "../../common/program_name.ts";
import type { Catalog } from "../../storage/contract/catalog.ts";
import { failure } from "../options/error.ts";

/** Makes sure that data is not being moved. @throws {ExitError} */
export async function assertNotMoving({ marks }: Pick<Catalog, "marks">): Promise<void> {
  if (await marks.get("incoming")) {
    throw failure(
      `A move to this place has not ended: run "${programName("admin")} migrate" again at its ` +
        "source until it ends, or choose another place",
    );
  }
  if ((await marks.get("outgoing") ?? 0) > Date.now()) {
    throw failure(
      `"${programName("admin")} migrate" is moving this data to another place: wait for its end, ` +
        "and a minute more if it was killed",
    );
  }
}
