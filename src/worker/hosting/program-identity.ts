/**
 * Makes a program see that it is the main module, and in which of several
 * processes it runs.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Makes the module the main one: `require.main === module`, and
 * `process.argv[1]` is its path. NODE_APP_INSTANCE and pm_id are those of pm2:
 * a number from 0, the same for the process that replaces it.
 *
 * @param slot from 1
 */
export function identify(path: string, slot: number): void {
  const get = () => require.cache[path];
  const set = () => {};
  const property = { get, set, configurable: true, enumerable: true };
  Object.defineProperty(process, "mainModule", property);
  process.argv[1] = path;
  const instance = String(slot - 1);
  process.env.NODE_APP_INSTANCE = instance;
  process.env.pm_id = instance;
}
