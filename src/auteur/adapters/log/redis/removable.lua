-- The first ended tasks by acceptance that are neither favourite nor circled, and that no open task needs.
-- ARGV: 1 how many, 2 before when they ended, in microseconds, or ''. Looks at the newest of no more than some thousands.
-- Returns {'OK', records} or an obstacle

local project = know_project()
local stands = obstacle(project)
if stands then return stands end
local wanted, before, bound, found = tonumber(ARGV[1]), tonumber(ARGV[2]), 0, {}
local circled = {}
for _, task in ipairs(redis.call('HVALS', key('circled'))) do circled[task] = true end
for _ = 1, 50 do
  local some = ids({'succeeded', 'failed', 'cancelled'}, bound, 200)
  for _, known in ipairs(some) do
    local task, seq = known[1], known[2]
    bound = seq
    if not circled[task] and not redis.call('ZSCORE', key('favourites'), task) then
      local ended = tonumber(redis.call('HGET', key('task:' .. task), 'x') or '')
      local goes = ended and not (before and ended >= before)
      if goes and redis.call('EXISTS', key('dependants:' .. task)) == 0 then
        found[#found + 1] = read_record(task, seq)
        if #found == wanted then return {'OK', found} end
      end
    end
  end
  if #some < 200 then break end
end
return {'OK', found}
