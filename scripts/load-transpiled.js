// Preloaded by test processes: loads TypeScript files of the project from the
// folder that scripts/test.js has transpiled them to.
import module from "node:module";
import { initialize, load } from "./transpiled-hooks.js";

const { TRANSPILED_FOLDER: folder } = process.env;
// Daemons and other children of tests have loaders of their own.
delete process.env.TRANSPILED_FOLDER;
if (module.registerHooks) {
  initialize({ folder });
  module.registerHooks({ load });
} else {
  // Node 20; newer ones print a warning.
  const data = { folder };
  module.register("./transpiled-hooks.js", import.meta.url, { data });
}
