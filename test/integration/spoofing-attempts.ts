/**
 * What a client may send to be taken for another one, with another protocol or
 * another host. None of it is true.
 */

/** What each of them asks for in truth. */
export const ASKED_HOST = "asked.example";

export interface Attempt {
  readonly name: string;
  readonly bytes: string | Buffer;
  /** Not answered at all is as good: it is no valid request, or none to some. */
  readonly mayBeRefused: boolean;
}

const LIE = "203.0.113.1";
/** As the proxies have. */
const TRUSTED = "127.0.0.2";
const V1 = `PROXY TCP4 ${LIE} 127.0.0.1 1234 80\r\n`;
const V2 = Buffer.concat([
  Buffer.from("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "latin1"),
  Buffer.from([203, 0, 113, 1, 127, 0, 0, 1, 4, 210, 0, 80]),
]);

function request(fields: readonly string[], target = "/"): string {
  const lines = [
    `GET ${target} HTTP/1.1`,
    `Host: ${ASKED_HOST}`,
    ...fields,
    "Connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Field lines of requests that all must answer. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  "an address": [`X-Forwarded-For: ${LIE}`],
  "the address of a proxy": [`X-Forwarded-For: ${TRUSTED}`],
  "a chain that ends with a proxy": [`X-Forwarded-For: ${LIE}, ${TRUSTED}`],
  "proxies alone": [`X-Forwarded-For: ${TRUSTED}, ${TRUSTED},${TRUSTED}`],
  "several lines": [
    `X-Forwarded-For: ${LIE}`,
    `X-Forwarded-For: ${TRUSTED}`,
    "X-Forwarded-For: 10.0.0.1",
  ],
  "another case": [`x-fOrWaRdEd-fOR: ${LIE}`, `X-FORWARDED-FOR: ${TRUSTED}`],
  "blanks and tabs": [`X-Forwarded-For: \t ${LIE} \t,\t ${TRUSTED}\t `],
  "no blank": [`X-Forwarded-For:${LIE},${TRUSTED}`],
  IPv6: ["X-Forwarded-For: 2001:db8::1, ::1"],
  "IPv4 as IPv6": [`X-Forwarded-For: ::ffff:${LIE}, ::ffff:${TRUSTED}`],
  "IPv4 as IPv6, in hexadecimal": ["X-Forwarded-For: ::ffff:7f00:2"],
  ports: [`X-Forwarded-For: ${LIE}:80, [::1]:80, ${TRUSTED}:80`],
  quotes: [`X-Forwarded-For: "${LIE}", "${TRUSTED}"`],
  "an open quote": [`X-Forwarded-For: "${LIE}`],
  "what is unknown": ["X-Forwarded-For: unknown, _hidden, -"],
  "a Unix socket": ["X-Forwarded-For: unix, unix:"],
  nothing: ["X-Forwarded-For:", "X-Forwarded-For: "],
  commas: ["X-Forwarded-For: ,, ,", "X-Forwarded-For: ,"],
  names: ["X-Forwarded-For: localhost, evil.example"],
  "numbers of other forms": ["X-Forwarded-For: 2130706434, 0x7f.1, 127.1"],
  "a network": ["X-Forwarded-For: 127.0.0.0/8, 0.0.0.0/0"],
  "beyond ASCII": [`X-Forwarded-For: ${LIE}\xa0,\xa0${TRUSTED}`],
  "a very long list": [`X-Forwarded-For: ${`${TRUSTED}, `.repeat(500)}${LIE}`],
  "a very long entry": [`X-Forwarded-For: ${"1".repeat(6_000)}`],
  "many lines": Array<string>(50).fill(`X-Forwarded-For: ${TRUSTED}`),
  "the field, to be taken away": [
    "Connection: X-Forwarded-For, X-Forwarded-Proto, Forwarded",
    `X-Forwarded-For: ${LIE}`,
  ],
  underscores: [`X_Forwarded_For: ${LIE}`, `X-Forwarded_For: ${LIE}`],
  Forwarded: [`Forwarded: for=${LIE};proto=https;host=evil.example`],
  "Forwarded, of a proxy": [`Forwarded: for=${TRUSTED};proto=https;host=e`],
  "Forwarded, in several lines": [
    `Forwarded: for=${LIE}`,
    `Forwarded: for=${TRUSTED};by=${TRUSTED}`,
  ],
  "Forwarded, with an open quote": [`Forwarded: for="${LIE}`],
  "Forwarded, with an open quote after a proxy": [
    `Forwarded: for=${TRUSTED}, for=${LIE};host="evil.example`,
  ],
  "Forwarded, with an escape at its end": [`Forwarded: for="${LIE}\\`],
  "Forwarded, open at its end": [`Forwarded: for=${LIE};proto=https;`],
  "Forwarded, without a value": ["Forwarded: for="],
  "Forwarded, with IPv6": ['Forwarded: for="[2001:db8::1]:80";proto=https'],
  "Forwarded, hidden": ["Forwarded: for=_x, for=unknown"],
  "Forwarded, empty": ["Forwarded:", "Forwarded: ,"],
  "fields of one address": [
    ...["X-Real-IP", "X-Client-IP", "Client-IP", "True-Client-IP"],
    ...["CF-Connecting-IP", "Fastly-Client-IP", "X-Cluster-Client-IP"],
    ...["X-Original-Forwarded-For", "X-Envoy-External-Address"],
    ...["Forwarded-For", "X-Forwarded", "X-ProxyUser-Ip", "Via", "From"],
  ].map((name) => `${name}: ${LIE}`),
  "a protocol": ["X-Forwarded-Proto: https"],
  protocols: ["X-Forwarded-Proto: https, https", "X-Forwarded-Proto: HTTPS"],
  "fields of a protocol": [
    ...["X-Forwarded-Scheme: https", "X-Url-Scheme: https", "X-Scheme: https"],
    ...["X-Forwarded-Ssl: on", "Front-End-Https: on", "X-Forwarded-Port: 443"],
    ...["X-Forwarded-Protocol: https", "CloudFront-Forwarded-Proto: https"],
  ],
  "a host": ["X-Forwarded-Host: evil.example"],
  hosts: ["X-Forwarded-Host: evil.example, evil.example:80"],
  "fields of a host": [
    ...["X-Host", "X-Original-Host", "X-Forwarded-Server", "X-HTTP-Host"],
    ...["X-Original-URL", "X-Rewrite-URL", "Forwarded-Host"],
  ].map((name) => `${name}: evil.example`),
  "all at once": [
    `X-Forwarded-For: ${LIE}, ${TRUSTED}`,
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.example",
    `Forwarded: for=${LIE};proto=https;host=evil.example, for=${TRUSTED}`,
    `X-Real-IP: ${LIE}`,
  ],
};

const PLAIN = request([]);
const LYING = request([`X-Forwarded-For: ${LIE}`, "X-Forwarded-Proto: https"]);
const KEPT = PLAIN.replace("close", "keep-alive");

/** What some may refuse, and others not. */
const REFUSABLE: Readonly<Record<string, string | Buffer>> = {
  "a URI as the target, and another Host": request(
    [],
    `http://${ASKED_HOST}/`,
  ).replace(`Host: ${ASKED_HOST}`, "Host: evil.example"),
  "a URI of https as the target": request([], `https://${ASKED_HOST}/`),
  "a second Host": request(["Host: evil.example"]),
  "a Host that is a list": PLAIN.replace(
    ASKED_HOST,
    `${ASKED_HOST}, evil.example`,
  ),
  "a blank before the colon": request([`X-Forwarded-For : ${LIE}`]),
  "a folded line": request(["X-Forwarded-For:", ` ${LIE}`]),
  "a folded line before": request(["X-A: a", ` X-Forwarded-For: ${LIE}`]),
  "a bare CR": request([`X-A: a\rX-Forwarded-For: ${LIE}`]),
  "a bare LF": request([`X-A: a\nX-Forwarded-For: ${LIE}`]),
  "a NUL": request([`X-Forwarded-For: ${LIE}\0`]),
  "a trailer": [
    "POST / HTTP/1.1",
    `Host: ${ASKED_HOST}`,
    "Transfer-Encoding: chunked",
    "Connection: close",
    "Trailer: X-Forwarded-For, X-Forwarded-Proto",
    "",
    "0",
    `X-Forwarded-For: ${LIE}`,
    "X-Forwarded-Proto: https",
    ...["", ""],
  ].join("\r\n"),
  "a pipeline": KEPT + LYING,
  "a request in a body of two lengths": smuggled("chunked"),
  "a request in a body of an odd coding": smuggled("\x0bchunked"),
  "a PROXY header, version 1": V1 + PLAIN,
  "a PROXY header, version 1, twice": V1 + V1 + PLAIN,
  "a PROXY header, version 2": Buffer.concat([V2, Buffer.from(PLAIN)]),
  "a PROXY header between requests": KEPT + V1 + PLAIN,
  "a PROXY header, version 2, between requests": Buffer.concat([
    ...[Buffer.from(KEPT), V2, Buffer.from(PLAIN)],
  ]),
  "a PROXY header after an empty line": `\r\n${V1}${PLAIN}`,
};

function smuggled(coding: string): string {
  const body = `0\r\n\r\n${LYING}`;
  const head = [
    "POST / HTTP/1.1",
    `Host: ${ASKED_HOST}`,
    `Content-Length: ${body.length}`,
    `Transfer-Encoding: ${coding}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

export const ATTEMPTS: readonly Attempt[] = [
  ...Object.entries(VALID).map(([name, fields]) => {
    return { name, bytes: request(fields), mayBeRefused: false };
  }),
  ...Object.entries(REFUSABLE).map(([name, bytes]) => {
    return { name, bytes, mayBeRefused: true };
  }),
];
