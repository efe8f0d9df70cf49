/**
 * Goes where the release is. A worker is forked in the folder that the master
 * was started in, which may be an old release by now, or be gone.
 *
 * @throws Error where nobody can go there
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
