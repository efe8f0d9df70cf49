-- Repeats the request that the BENCH_ variables describe, and prints the
-- figures as one line of JSON.
local depth = tonumber(os.getenv("BENCH_PIPELINING") or "1")
local headers = {}
for line in string.gmatch(os.getenv("BENCH_HEADERS") or "", "[^\n]+") do
  local name, value = string.match(line, "^([^:]+): (.*)$")
  headers[name] = value
end

function init()
  local one = wrk.format(
    os.getenv("BENCH_METHOD"),
    os.getenv("BENCH_PATH"),
    headers,
    os.getenv("BENCH_BODY")
  )
  batch = string.rep(one, depth)
end

function request()
  return batch
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"failures":%d,' ..
    '"latencyMs":{"p50":%.3f,"p99":%.3f,"p999":%.3f}}\n',
    summary.requests,
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status
      + errors.timeout,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3
  ))
end
