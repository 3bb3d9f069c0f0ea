-- The first ended tasks by acceptance that are neither favourite nor circled. ARGV: how many.
-- Returns {'OK', records} or an obstacle

local project = know_project()
local stands = obstacle(project)
if stands then return stands end
local wanted, bound, found = tonumber(ARGV[1]), 0, {}
while #found < wanted do
  local some = merge({'succeeded', 'failed', 'cancelled'}, bound, wanted, false)
  for _, record in ipairs(some) do
    if #record[5] > 0 and record[4] == 0 and not redis.call('ZSCORE', key('favourites'), record[1]) and #found < wanted then
      found[#found + 1] = record
    end
    bound = record[2]
  end
  if #some < wanted then break end
end
return {'OK', found}
