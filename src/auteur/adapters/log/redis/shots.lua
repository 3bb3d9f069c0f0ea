-- Shots by name. ARGV: 1 the name to begin after, or '', 2 how many.
-- Returns {'OK', {name, takes, last take, circled record, poster's record} …} or an obstacle

local project = know_project()
local stands = obstacle(project)
if stands then return stands end
local from = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local answer = {'OK'}
for _, shot in ipairs(redis.call('ZRANGEBYLEX', key('shots'), from, '+', 'LIMIT', 0, ARGV[2])) do
  local circled = redis.call('HGET', key('circled'), shot)
  local chosen = circled and read_record(circled, 0) or {}
  local poster = poster_of('shot:' .. shot)
  if circled and string.find(redis.call('HGET', key('task:' .. circled), 'b') or '', 'p') then poster = chosen end
  answer[#answer + 1] = {shot, redis.call('ZCARD', key('shot:' .. shot)), redis.call('HGET', key('takes'), shot) or '0',
    chosen, poster}
end
return answer
