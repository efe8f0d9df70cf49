-- Sends what it reads from its standard input: requests, each after a line
-- with its length, in turn, BENCH_PIPELINING of them at a time. It prints the
-- figures as one line of JSON.
local depth = tonumber(os.getenv("BENCH_PIPELINING") or "1")
local batches = {}
local at = 0

function init()
  local requests = {}
  for line in io.lines() do
    table.insert(requests, io.read(tonumber(line)))
    io.read() -- the end of the line
  end
  local first = 1
  repeat
    local batch = {}
    for i = 0, depth - 1 do
      batch[i + 1] = requests[(first + i - 1) % #requests + 1]
    end
    table.insert(batches, table.concat(batch))
    first = first + depth
  until first > #requests
  if #batches == 1 then
    -- Asked for once: wrk keeps it, and does not copy it for each request.
    wrk.format = function() return batches[1] end
  else
    request = function()
      at = at % #batches + 1
      return batches[at]
    end
  end
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
