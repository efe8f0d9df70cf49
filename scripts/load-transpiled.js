// Preloaded by test processes: loads TypeScript files of the project from the
// folder that scripts/test.js has transpiled them to.
import { register } from "node:module";

const { TRANSPILED_FOLDER: folder } = process.env;
// Daemons and other children of tests have loaders of their own.
delete process.env.TRANSPILED_FOLDER;
register("./transpiled-hooks.js", import.meta.url, { data: { folder } });
