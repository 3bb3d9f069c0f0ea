-- All open tasks, those that wait first. Returns {'OK', {id, guard or '' where its record was lost} …} or an obstacle

local project = know_project()
local stands = obstacle(project)
if stands then return stands end
local answer = {'OK'}
for _, status in ipairs({'queued', 'running'}) do
  for _, task in ipairs(redis.call('ZRANGE', key(status), 0, -1)) do
    answer[#answer + 1] = {task, redis.call('HGET', key('task:' .. task), 'g') or ''}
  end
end
return answer
