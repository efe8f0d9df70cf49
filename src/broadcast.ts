import { markBroadcast } from "./shared/app-messages.ts";

/**
 * Sends a message to the app in all other workers of this daemon, where
 * `process.on("message")` gets it. The order of one worker's messages is kept;
 * a worker that does not take them in time loses some, which is counted.
 *
 * @param message what JSON can express
 * @returns false if it is not sent: under plain `node`, or where the master is
 * more than 16 MiB of messages behind
 * @throws TypeError for a message that JSON cannot express
 */
export function broadcast(message: unknown): boolean {
  if (JSON.stringify(message) === undefined) {
    throw new TypeError(`a message is JSON, not ${typeof message}`);
  }
  return process.send?.(markBroadcast(message)) ?? false;
}
