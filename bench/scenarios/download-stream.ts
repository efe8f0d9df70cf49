import { MIB_10 } from "../servers/bytes/content.js";
import { getBytes } from "./get-bytes.ts";

/** The same in pieces that come one by one, as from a file. */
export const downloadStream = getBytes("/10m/streamed", MIB_10, {
  name: "download-stream",
  summary: "GET of 10 MiB, as a stream of pieces of 64 KiB",
  connections: 4,
});
