/** Results of tests, one JSON object a line; PEER_RESULTS is the file. */
const { appendFileSync } = require("node:fs");

/**
 * Written at once, so that those before a hang are there.
 *
 * @param {{ path: readonly string[], passed: boolean, error?: unknown }} result
 */
module.exports = function append({ path, passed, error }) {
  const text = error === undefined ? undefined : String(error?.stack ?? error);
  const line = JSON.stringify({ path, passed, error: text });
  appendFileSync(process.env.PEER_RESULTS, `${line}\n`);
};
