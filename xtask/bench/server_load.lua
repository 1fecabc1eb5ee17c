-- What wrk asks for, and what it tells at its end, as one line of JSON.
local job = os.getenv("LOAD_JOB")
local ids = {}
for id in io.lines(os.getenv("LOAD_IDS")) do ids[#ids + 1] = id end
local body = '{"token":"' .. os.getenv("LOAD_TOKEN") .. '"}'
local headers = { ["Content-Type"] = "application/json", ["Origin"] = os.getenv("LOAD_ORIGIN") }
local asked = 0

function request()
  asked = asked + 1
  local id = ids[asked % #ids + 1]
  if job == "head" then return wrk.format("GET", "/api/v1/d/" .. id) end
  if job == "open" then return wrk.format("POST", "/api/v1/d/" .. id .. "/open", headers, body) end
  return wrk.format("GET", "/" .. job:sub(7))
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"longest":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max, failed))
end
