-- Drops events and guards that are older than the age kept; the newest event, and what no snapshot covers, stay.
-- ARGV: 1 age of events in seconds, 2 age of the guards of ended tasks in seconds. Returns how many were dropped.

local project = know_project()
local now = redis.call('TIME')
local function before(age_s)
  return now[1] * 1000000 + now[2] - age_s * 1000000
end
local dropped = redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', number(before(ARGV[2])))
if not project.sound or project.snapshot_token ~= project.token then return dropped end
local last = math.min(project.snapshot_seq, project.seq - 1)
local keep = nil
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1000)) do
  local seq = seq_of({entry})
  if seq > last or tonumber(entry[2][4]) >= before(ARGV[1]) then break end
  keep = seq + 1
end
if keep then dropped = dropped + redis.call('XTRIM', KEYS[2], 'MINID', '=', number(keep)) end
return dropped
