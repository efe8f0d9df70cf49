import { OWN_FOLDER } from "../../shared/own-folder.ts";

/** Stack frames in these files belong to this package. */
const OWN_FILES = decodeURI(new URL(`${OWN_FOLDER}/`).pathname);
const PLACE = /(?:file:\/\/)?(\/[^\s()]+:\d+:\d+)\)?$/;

/**
 * Returns where this package was called from, such as "/srv/app.js:12:5", or
 * "" if unknown. It makes a stack trace: use it at start only.
 */
export function registrationPlace(): string {
  const { stack = "" } = new Error();
  for (const line of stack.split("\n").slice(1)) {
    const place = PLACE.exec(line)?.[1];
    if (place && !place.startsWith(OWN_FILES)) return place;
  }
  return "";
}

/** The place of a route, to append to its name in a message. */
export function at({ place }: { readonly place: string }): string {
  return place === "" ? "" : ` (${place})`;
}
