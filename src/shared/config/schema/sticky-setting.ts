/** Sticky sessions: requests of one session go to one worker. */
import * as z from "zod";
import { parseStickyField, STICKY_OFF } from "../sticky-field.ts";
import { documented } from "./setting-kinds.ts";

export const stickySetting = {
  sticky: documented(
    z
      .string()
      .refine((text) => {
        return text === STICKY_OFF || parseStickyField(text) !== undefined;
      })
      .default(STICKY_OFF),
    "What names the session of a request, which one worker then serves",
    `${STICKY_OFF}, cookie:NAME, header:NAME or query:NAME`,
  ),
};
