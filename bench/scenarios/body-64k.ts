import { KIB_64 } from "../servers/bytes/content.js";
import { getBytes } from "./get-bytes.ts";

/** A page or a picture. */
export const body64k = getBytes("/64k", KIB_64, {
  name: "body-64k",
  summary: "GET of 64 KiB, from memory",
});
