import { readFileSync, statSync } from "node:fs";

const MIN_LENGTH = 16;
const READABLE_BY_ALL = 0o004;

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is not a file",
  EACCES: "cannot be read: permission denied",
};

/**
 * The token that lets control calls in on the admin port. Whoever reads it can
 * stop the server, so the file must not be readable by all.
 *
 * @throws Error whose message completes a sentence that begins with the file
 */
export function readAdminToken(file: string): string {
  const token = contentOf(file).trim();
  if (statSync(file).mode & READABLE_BY_ALL) {
    throw new Error("is readable by all users; chmod 600 (or 640) mends that");
  }
  if (/[^\x21-\x7e]/.test(token)) {
    throw new Error("must hold one line of visible ASCII characters");
  }
  if (token.length < MIN_LENGTH) {
    throw new Error(`must hold at least ${MIN_LENGTH} characters`);
  }
  return token;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new Error(FILE_ERRORS[code] ?? `cannot be read: ${message}`);
  }
}
