-- Events after a seq. ARGV: 1 seq, 2 how many at most. A deleted project's log holds its last event.
-- Returns {'OK', token, seq of the newest, seq of the oldest kept or of the next, entries}, {'UNSOUND'} or {'OLD'}

local project = know_project()
if project.old then return {'OLD'} end
if not project.sound then return {'UNSOUND'} end
local entries = {}
if tonumber(ARGV[2]) > 0 then
  entries = redis.call('XRANGE', key('log'), number(tonumber(ARGV[1]) + 1), '+', 'COUNT', ARGV[2])
end
return {'OK', project.token or '', project.seq, project.oldest or project.seq + 1, entries}
