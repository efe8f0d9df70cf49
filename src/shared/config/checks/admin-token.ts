import { readSmallFile, type SmallFile } from "../../files/read-small-file.ts";

const MIN_LENGTH = 16;
const MAX_BYTES = 64 * 1024;
const READABLE_BY_ALL = 0o004;

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is not a file",
  EACCES: "cannot be read: permission denied",
};

/**
 * The token that permits control calls on the admin port. It can stop the
 * server, so the file must not be readable by all users.
 *
 * @throws Error whose message completes a sentence that begins with the file
 */
export function readAdminToken(file: string): string {
  const { content, mode } = read(file);
  if (mode & READABLE_BY_ALL) {
    throw new Error("is readable by all users; chmod 600 (or 640) mends that");
  }
  const token = content.toString("utf8").trim();
  if (/[^\x21-\x7e]/.test(token)) {
    throw new Error("must hold one line of visible ASCII characters");
  }
  if (token.length < MIN_LENGTH) {
    throw new Error(`must hold at least ${MIN_LENGTH} characters`);
  }
  return token;
}

function read(file: string): SmallFile {
  try {
    return readSmallFile(file, MAX_BYTES);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new Error(FILE_ERRORS[code] ?? `cannot be read: ${message}`);
  }
}
