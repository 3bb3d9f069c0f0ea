-- Removes some records of a deleted project, and at last everything but what says that it is deleted.
-- ARGV: how many. Returns 1 when nothing is left

if redis.call('HGET', KEYS[1], 'deleted') ~= '1' then return 1 end
local left = tonumber(ARGV[1])
for _, status in ipairs(STATUSES) do
  for _, task in ipairs(redis.call('ZRANGE', key(status), 0, left - 1)) do
    redis.call('DEL', key('task:' .. task), key('dependants:' .. task))
    redis.call('ZREM', key(status), task)
    left = left - 1
  end
  if left <= 0 then return 0 end
end
for _, shot in ipairs(redis.call('ZRANGE', key('shots'), 0, left - 1)) do
  redis.call('DEL', key('shot:' .. shot))
  redis.call('ZREM', key('shots'), shot)
  left = left - 1
end
if left <= 0 then return 0 end
for _, endpoint in ipairs(redis.call('ZRANGE', key('wh:look'), 0, left - 1)) do
  redis.call('UNLINK', key('wh:queue:' .. endpoint), key('wh:leased:' .. endpoint))
  redis.call('ZREM', key('wh:look'), endpoint)
  left = left - 1
end
if left <= 0 then return 0 end
for _, name in ipairs({'wh:event', 'wh:about', 'wh:attempts', 'wh:reason', 'wh:waiting', 'wh:dead', 'wh:failures', 'wh:rests'}) do
  redis.call('UNLINK', key(name))
end
for _, name in ipairs({'favourites', 'takes', 'circled', 'deleted', 'forgotten'}) do
  redis.call('UNLINK', key(name))
end
return 1
