-- All open tasks, those that wait first. Returns {'OK', {id, guard or '' where its record was lost, what it waits for by
-- line} …} or an obstacle

local project = know_project()
local stands = obstacle(project)
if stands then return stands end
local answer = {'OK'}
for _, status in ipairs({'blocked', 'queued', 'running'}) do
  for _, task in ipairs(redis.call('ZRANGE', key(status), 0, -1)) do
    local known = redis.call('HMGET', key('task:' .. task), 'g', 'w')
    answer[#answer + 1] = {task, known[1] or '', status == 'blocked' and known[2] or ''}
  end
end
return answer
