-- What an ending is owed to; who appends calls it. The same as `MemoryWebhooks.owe`.

local TYPES = {TaskSucceeded = 'task.succeeded', TaskFailed = 'task.failed', TaskCancelled = 'task.cancelled'}

-- Whether anybody may hear of it.
local function is_owed(said)
  return said.ends and (redis.call('HLEN', key('wh:hooks')) > 0 or redis.call('HEXISTS', key('wh:own'), said.task) == 1)
end

local function owe(said, seq, epoch)
  if not said.owed then return end
  local function enter(hook, value)
    local flag, endpoint, types = string.match(value, '^(%S+) (%S+) (%S+) ')
    if flag ~= 'e' or not string.find(',' .. types .. ',', ',' .. TYPES[said.kind] .. ',', 1, true) then return end
    local name = 'msg_' .. epoch .. '-' .. string.format('%012.0f', seq) .. '-' .. string.sub(hook, 4)
    redis.call('HSET', key('wh:event'), name, said.event)
    wait_since(name, hook, endpoint, epoch, number(seq), tonumber(said.at))
  end
  local hooks = redis.call('HGETALL', key('wh:hooks'))
  for i = 1, #hooks, 2 do enter(hooks[i], hooks[i + 1]) end
  local own = redis.call('HGET', key('wh:own'), said.task)
  if own then enter(own, redis.call('HGET', key('wh:ownhooks'), own)) end
end

local function keep_own(said)
  if said.own == '' then return end
  redis.call('HSET', key('wh:own'), said.task, said.own)
  redis.call('HSET', key('wh:owntasks'), said.own, said.task)
  redis.call('HSET', key('wh:ownhooks'), said.own, said.own_body)
end
