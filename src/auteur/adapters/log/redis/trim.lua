-- Drops events that are too old, but the newest. ARGV: 1 age in microseconds, 2 how many to look at.
-- Returns {'OK', dropped, when the oldest that is left will be too old, in microseconds, or ''} or what stands in the
-- way; a project that was deleted is trimmed like any other

local project = know_project()
local now = redis.call('TIME')
local now_us = now[1] * 1000000 + now[2]
if project.old then return {'OLD'} end
if not project.sound then return {'UNSOUND'} end
local keep, next_at = nil, ''
for _, entry in ipairs(redis.call('XRANGE', key('log'), '-', '+', 'COUNT', ARGV[2])) do
  local seq = seq_of({entry})
  if seq >= project.seq then break end
  next_at = number(tonumber(entry[2][4]) + ARGV[1])
  if tonumber(entry[2][4]) >= now_us - ARGV[1] then break end
  keep, next_at = seq + 1, number(now_us)
end
local dropped = keep and redis.call('XTRIM', key('log'), 'MINID', '=', number(keep)) or 0
if keep == project.seq then next_at = '' end
return {'OK', dropped, next_at}
