import { Readable } from "node:stream";
import { createApp, json, ok, stream } from "../../../dist/index.js";
import { KIB_64, MIB_10, pieces } from "./content.js";

const app = createApp();
app.get("/64k", () => ok(KIB_64));
app.get("/10m", () => ok(MIB_10));
app.get("/10m/streamed", () => {
  const response = stream(Readable.from(pieces(MIB_10)));
  return response.with("Content-Length", String(MIB_10.length));
});
app.post("/upload", async ({ body }) => {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return json({ bytes });
});

export default app;
