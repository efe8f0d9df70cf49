/** RFC 9112 §3.2: `Host`. */
import { accepts } from "./accepts.ts";
import { refuses } from "./refuses.ts";

function withHost(host: string): string {
  return `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

const validHosts = [
  "example.com",
  "EXAMPLE.com:8080",
  "localhost",
  "a_b.example",
  "127.0.0.1:80",
  "[::1]",
  "[::ffff:1.2.3.4]:65535",
  "[::]",
  "[1:2:3:4:5:6:7:8]",
  "[1:2:3:4:5:6:7::]:1",
  "[1::8]",
  "[2001:DB8::192.0.2.1]",
  "[v1.a:b]",
  "[VfF.~!$&'()*+;=-._]:80",
  "a:",
  "[::1]:",
  "a:000080",
  "a:0000000000065535",
  "h:0",
  "a%20b",
  "x!$&'()*+;=~-",
  "xn--bcher-kva.example",
];
for (const host of validHosts) {
  accepts("fields/host", `§3.2 takes ${host}`, withHost(host), {
    fields: [`Host: ${host}`],
  });
}

const invalidHosts = [
  "",
  " ",
  "a,b",
  "a, b",
  "a b",
  "a/b",
  "a/",
  "http://a",
  "me@a",
  "me:pw@a",
  "a:b",
  "a:-1",
  "a:+1",
  "a: 80",
  "a:65536",
  "a:123456",
  "a:0000065536",
  "a:80:",
  "a::",
  "a:80:80",
  "a:80,b",
  "a?b",
  "a#b",
  "a\\b",
  ":80",
  "[::1",
  "::1",
  "[::1]x",
  "[::1]80",
  "[]",
  "[:]",
  "[:::]",
  "[1]",
  "[1.2.3.4]",
  "[::1.2.3]",
  "[::1.2.3.256]",
  "[::1.2.3.04]",
  "[::1.2.3.4:1]",
  "[1:2:3:4:5:6:7]",
  "[1:2:3:4:5:6:7:8:9]",
  "[1:2:3:4:5:6:7:8::]",
  "[1::2::3]",
  "[::12345]",
  "[1:2:3:4:5:6:7:1.2.3.4]",
  "[:1:2:3:4:5:6:7:8]",
  "[::1%25eth0]",
  "[fe80::1%eth0]",
  "[v.a]",
  "[v1]",
  "[v1.]",
  "[vg.a]",
  "[v1.a,b]",
  "[v1.a/b]",
  "[x1.a]",
  "[::1][::1]",
  "[[::1]]",
  "[ ::1]",
  "[g::1]",
  "a%2",
  "a%zz",
  "<a>",
  '"a"',
  "a\tb",
  "a|b",
  "a^b",
  "\xe9.example",
  "\xa0a",
];
for (const host of invalidHosts) {
  refuses(
    "fields/host-syntax",
    `§3.2 refuses a Host of ${JSON.stringify(host)}`,
    withHost(host),
  );
}
refuses(
  "fields/host-syntax",
  "§3.2 refuses an empty Host in 1.0 too",
  "GET / HTTP/1.0\r\nHost:\r\n\r\n",
);

const missing: [what: string, wire: string][] = [
  ["another field only", "GET / HTTP/1.1\r\nA: 1\r\n\r\n"],
  ["no field at all", "GET / HTTP/1.1\r\n\r\n"],
  ["a name like it", "GET / HTTP/1.1\r\nHosts: a\r\nX-Host: a\r\n\r\n"],
];
for (const [what, wire] of missing) {
  refuses("fields/host-missing", `§3.2 misses Host with ${what}`, wire);
}

const twice: [what: string, wire: string][] = [
  ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
  ["two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n"],
  ["a second, empty Host", "GET / HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n"],
  ["two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"],
];
for (const [what, wire] of twice) {
  refuses("fields/host-twice", `§3.2 refuses ${what}`, wire);
}
accepts(
  "fields/host-http10",
  "§3.2 asks for no Host in 1.0",
  "GET / HTTP/1.0\r\n\r\n",
  { fields: [] },
  { closes: true },
);
