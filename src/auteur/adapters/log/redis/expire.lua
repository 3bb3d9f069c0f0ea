-- Removes dead letters that died before ARGV[1], up to ARGV[2]. Returns {how many, when the next one did, or ''}

local old = redis.call('ZRANGEBYSCORE', key('wh:dead'), '-inf', '(' .. ARGV[1], 'LIMIT', 0, tonumber(ARGV[2]))
for _, name in ipairs(old) do
  local known = about(name)
  if known then
    drop(name, known)
    remove_own(known.hook)
  else
    redis.call('ZREM', key('wh:dead'), name)
  end
end
return {#old, redis.call('ZRANGE', key('wh:dead'), 0, 0, 'WITHSCORES')[2] or ''}
