// A site of files: pages, and assets that browsers keep.
//
//   node dist/cli.js start examples/static-site.js
//   curl -i localhost:8080/
//
// The paths are relative to this file, not to where it is started.
import { compression, createApp, logging, staticFiles } from "remuda";

const site = new URL("site/", import.meta.url);

const app = createApp();
app.use(logging(), compression());

// A day. With a hash in their names they could be `immutable`.
app.get(
  "/assets/*path",
  staticFiles(new URL("assets/", site), { maxAgeSeconds: 86_400 }),
);

// All else: pages, asked for anew each time, and the home page for what is none.
app.get("/*path", staticFiles(site, { fallback: "index.html" }));

export default app;
