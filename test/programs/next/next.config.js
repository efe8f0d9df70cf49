import path from "node:path";

/** Where the packages are. */
const root = path.dirname(import.meta.dirname);

export default {
  output: process.env.NEXT_OUTPUT,
  outputFileTracingRoot: root,
  turbopack: { root },
};
