-- Events after a seq. ARGV: 1 seq, 2 how many at most, 3 how many bytes of events (none: all), the last event's that
-- passes them included. A deleted project's log holds its last event.
-- Returns {'OK', token, seq of the newest, seq of the oldest kept or of the next, entries}, {'UNSOUND'} or {'OLD'}

local project = know_project()
if project.old then return {'OLD'} end
if not project.sound then return {'UNSOUND'} end
know_oldest(project)
local entries, left, bytes = {}, tonumber(ARGV[2]), tonumber(ARGV[3])
local after, some = tonumber(ARGV[1]), bytes and 16 or left
while left > 0 do  -- some at a time, so that what does not fit is not read
  local found = redis.call('XRANGE', key('log'), number(after + 1), '+', 'COUNT', number(math.min(some, left)))
  for _, entry in ipairs(found) do
    entries[#entries + 1] = entry
    bytes = bytes and bytes - #entry[2][2]
    if bytes and bytes <= 0 then break end
  end
  left = left - #found
  if #found < some or bytes and bytes <= 0 then break end
  after = tonumber(string.match(found[#found][1], '^%d+'))
end
return {'OK', project.token or '', project.seq, project.oldest or project.seq + 1, entries}
