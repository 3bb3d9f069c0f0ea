-- Keeps, changes or removes a webhook. ARGV: 1 add, replace or remove, 2 its id, 3 its value, 4 how many there may be
-- Returns OK, DELETED, UNKNOWN or MANY

if redis.call('HGET', KEYS[1], 'deleted') == '1' then return 'DELETED' end
local hooks = key('wh:hooks')
if ARGV[1] == 'add' then
  if redis.call('HLEN', hooks) >= tonumber(ARGV[4]) then return 'MANY' end
  redis.call('HSET', hooks, ARGV[2], ARGV[3])
elseif redis.call('HEXISTS', hooks, ARGV[2]) == 0 then
  return 'UNKNOWN'
elseif ARGV[1] == 'replace' then
  redis.call('HSET', hooks, ARGV[2], ARGV[3])
else
  redis.call('HDEL', hooks, ARGV[2])
  -- what waits for it goes, of very much the rest when it is met; its dead letters are shown to nobody, and expire
  for _, name in ipairs(redis.call('ZRANGE', key('wh:queue:' .. ARGV[2]), 0, 999)) do drop(name, {endpoint = ARGV[2]}) end
  look_again(ARGV[2], 0, 0)
end
return 'OK'
