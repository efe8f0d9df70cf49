/** Says where a server listens, in the words of Remuda's own log. */
export function announce(server) {
  const { port } = server.address();
  process.stdout.write(`${JSON.stringify({ msg: "listening", port })}\n`);
}
