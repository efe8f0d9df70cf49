// uri-host [ ":" port ], RFC 9110 §7.2, without the comma that RFC 3986 allows
// in a reg-name: a list of hosts must not pass as one.
const IP_LITERAL = /^\[[0-9A-Fa-f:.]+\]/;
const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+/;
const PORT = /^(?::(\d{1,5}))?$/;
const MAX_PORT = 65_535;

/** Whether it is one host with its port, if it has one. */
export function isHost(host: string): boolean {
  const name = (IP_LITERAL.exec(host) ?? REG_NAME.exec(host))?.[0];
  if (!name) return false;
  const port = PORT.exec(host.slice(name.length));
  return port !== null && Number(port[1] ?? 0) <= MAX_PORT;
}
