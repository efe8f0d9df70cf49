import { pageFor } from "../servers/browser/page.js";
import type { Exchange, Scenario } from "./scenario.ts";

/** So many browsers, each at so many pages. */
const BROWSERS = 16;
const PAGES = 4;

const LANGUAGES = ["en-GB,en;q=0.7", "de-AT,de;q=0.8,en;q=0.5", "fr;q=0.9"];
const SITE = "https://www.example.com";

/** What the head of a request costs that comes from a browser. */
export const browser: Scenario = {
  name: "browser",
  summary: "12 fields as browsers send them; two and a cookie are read",
  app: "browser",
  servers: ["remuda", "node-http", "fastify", "hono"],
  exchanges: Array.from({ length: BROWSERS * PAGES }, (_, at) => {
    return exchange(at % BROWSERS, Math.floor(at / BROWSERS));
  }),
  pipelining: 1,
};

/** No two are the same: nobody answers them from what was there before. */
function exchange(browser: number, page: number): Exchange {
  const id = String(1000 + 37 * browser + page);
  const session = `0123456789abcdef01234567${0xabc0_0000 + 7919 * browser}`;
  const language = LANGUAGES[browser % LANGUAGES.length] as string;
  const from = `${SITE}/articles?page=${1 + page}`;
  return {
    request: {
      method: "GET",
      path: `/articles/${id}?from=list`,
      headers: {
        // Beside Host, which every request has.
        Connection: "keep-alive",
        "Cache-Control": "max-age=0",
        "Upgrade-Insecure-Requests": "1",
        "User-Agent":
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
          `(KHTML, like Gecko) Chrome/${120 + browser}.0.0.0 Safari/537.36`,
        Accept:
          "text/html,application/xhtml+xml,application/xml;q=0.9," +
          "image/avif,image/webp,image/apng,*/*;q=0.8",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "navigate",
        Referer: from,
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": language,
        Cookie:
          `_ga=GA1.1.${123_456_789 + browser}.1700000000; theme=dark; ` +
          `session=${session}; consent=yes`,
      },
    },
    answer: {
      status: 200,
      contentType: "text/plain; charset=utf-8",
      body: pageFor(id, { session, language, from }),
    },
  };
}
