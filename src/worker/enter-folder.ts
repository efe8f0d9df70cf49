/**
 * Changes to the folder of the release. A worker is forked in the folder that
 * the master was started in, which may be an old release, or removed.
 *
 * @throws Error if the folder is not accessible
 */
export function enterFolder(folder: string): void {
  if (currentFolder() !== folder) process.chdir(folder);
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // It has been removed.
  }
}
