import { markBroadcast } from "./shared/app-messages.ts";

/**
 * Sends a message to the app in all other workers of this daemon, where
 * `process.on("message")` gets it. The order of one worker's messages is kept;
 * a worker that does not take them in time loses some, which is counted.
 *
 * @param message what JSON can express
 * @returns false without other workers, as under plain `node`
 * @throws TypeError for a message that JSON cannot express
 */
export function broadcast(message: unknown): boolean {
  if (JSON.stringify(message) === undefined) {
    throw new TypeError(`a message is JSON, not ${typeof message}`);
  }
  return process.send?.(markBroadcast(message)) ?? false;
}
