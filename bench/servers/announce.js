/** Says where a server listens, in the words of Remuda's own log. */
export function announce(server) {
  announcePort(server.address().port);
}

export function announcePort(port) {
  process.stdout.write(`${JSON.stringify({ msg: "listening", port })}\n`);
}
