import { MIB_10 } from "../servers/bytes/content.js";
import { getBytes } from "./get-bytes.ts";

/** What a large answer costs that is there at once. */
export const download = getBytes("/10m", MIB_10, {
  name: "download",
  summary: "GET of 10 MiB, from memory",
  connections: 4,
});
