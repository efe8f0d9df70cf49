import { body64k } from "./body-64k.ts";
import { browser } from "./browser.ts";
import { connect } from "./connect.ts";
import { download } from "./download.ts";
import { downloadStream } from "./download-stream.ts";
import { hello } from "./hello.ts";
import { json } from "./json.ts";
import { log } from "./log.ts";
import { pipelined } from "./pipelined.ts";
import type { Scenario } from "./scenario.ts";
import { stack } from "./stack.ts";
import { stackLog } from "./stack-log.ts";
import { traces } from "./traces.ts";
import { upload } from "./upload.ts";

export const SCENARIOS: readonly Scenario[] = [
  hello,
  pipelined,
  json,
  browser,
  stack,
  log,
  stackLog,
  traces,
  body64k,
  download,
  downloadStream,
  upload,
  connect,
];
