-- Has dead letters wait again. ARGV: 1 now, 2 how many of the oldest, 3 the one that is meant, or ''
-- Returns how many, -1 where the project is deleted

if redis.call('HGET', KEYS[1], 'deleted') == '1' then return -1 end
local names = {ARGV[3]}
if ARGV[3] == '' then names = redis.call('ZRANGE', key('wh:dead'), 0, tonumber(ARGV[2]) - 1) end
local replayed = 0
for _, name in ipairs(names) do
  local known = redis.call('ZSCORE', key('wh:dead'), name) and about(name)
  if known and not hook_of(known.hook) then
    drop(name, known)
  elseif known then
    redis.call('ZREM', key('wh:dead'), name)
    redis.call('HDEL', key('wh:attempts'), name)
    wait_since(name, known.hook, known.endpoint, known.epoch, known.seq, tonumber(ARGV[1]))
    replayed = replayed + 1
  end
end
return replayed
