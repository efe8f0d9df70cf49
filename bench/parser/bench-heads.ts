/** A request head as a client may send it, in variants that differ a little. */
export interface BenchHead {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly wire: (variant: number) => string;
}

export const BENCH_HEADS: readonly BenchHead[] = [
  {
    name: "small",
    summary: "Host and Accept",
    wire: (variant) => head(`/users/${10 + variant}`, ["Accept: */*"]),
  },
  {
    name: "browser",
    summary: "12 fields as a browser sends them, cookies among them",
    wire: (variant) => {
      return head(`/articles/${1000 + variant}?page=2`, [
        "Connection: keep-alive",
        'sec-ch-ua: "Chromium";v="128", "Not;A=Brand";v="24"',
        "sec-ch-ua-mobile: ?0",
        'sec-ch-ua-platform: "Linux"',
        "Upgrade-Insecure-Requests: 1",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
          "(KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9," +
          "image/avif,image/webp,image/apng,*/*;q=0.8",
        "Referer: https://www.example.com/articles",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: en-US,en;q=0.9",
        `Cookie: session=0123456789abcdef${1000 + variant}; theme=dark; ` +
          "_ga=GA1.1.123456789.1700000000; consent=yes",
      ]);
    },
  },
  {
    name: "40 fields",
    summary: "40 fields of 34 bytes or so, Host first and Accept last",
    wire: (variant) => {
      const fields = Array.from({ length: 38 }, (_, index) => {
        return `X-Field-Number-${10 + index}: value ${1000 + variant}`;
      });
      return head(`/things/${1000 + variant}`, [...fields, "Accept: */*"]);
    },
  },
];

function head(target: string, fields: readonly string[]): string {
  const lines = [`GET ${target} HTTP/1.1`, "Host: www.example.com", ...fields];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
