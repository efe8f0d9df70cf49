import { OWN_FOLDER } from "../../shared/own-folder.ts";

/** Frames of these files are this package's own. */
const OWN_FILES = decodeURI(new URL(`${OWN_FOLDER}/`).pathname);
const PLACE = /(?:file:\/\/)?(\/[^\s()]+:\d+:\d+)\)?$/;

/**
 * Where this package was called from, "/srv/app.js:12:5"; "" if not known. For
 * what is done at start: it makes a stack trace.
 */
export function callerPlace(): string {
  const { stack = "" } = new Error();
  for (const line of stack.split("\n").slice(1)) {
    const place = PLACE.exec(line)?.[1];
    if (place && !place.startsWith(OWN_FILES)) return place;
  }
  return "";
}
