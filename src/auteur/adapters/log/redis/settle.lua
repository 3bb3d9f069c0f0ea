-- Has an attempt be over.
-- ARGV: 1 delivery id, 2 its number, 3 now, 4 taken, gone, dead or again, 5 the reason, 6 when it is due again, 7 until
--       when the endpoint rests, or 0, 8 since when others have waited that are given up, or '', 9 how many of them,
--       10 their reason
-- Returns {1 or 0 where somebody else has it, when to look at the project again or ''}

local name, now = ARGV[1], tonumber(ARGV[3])
local known = about(name)
if not known then return {0, ''} end
local waits = redis.call('ZSCORE', key('wh:waiting'), name)
if ARGV[4] ~= 'taken' and not (waits and redis.call('HGET', key('wh:attempts'), name) == ARGV[2]) then return {0, ''} end
local endpoint = known.endpoint
if ARGV[4] == 'taken' then
  drop(name, known)
  remove_own(known.hook)
  redis.call('HDEL', key('wh:failures'), endpoint)
  redis.call('HDEL', key('wh:rests'), endpoint)
else
  redis.call('HINCRBY', key('wh:failures'), endpoint, 1)
  redis.call('HSET', key('wh:rests'), endpoint, ARGV[7])
  if ARGV[4] == 'again' then
    redis.call('HSET', key('wh:reason'), name, ARGV[5])
    redis.call('ZREM', key('wh:leased:' .. endpoint), name)
    redis.call('ZADD', key('wh:queue:' .. endpoint), ARGV[6], name)
  else
    bury(name, known, now, ARGV[5])
  end
  if ARGV[4] == 'gone' then
    local hook = redis.call('HGET', key('wh:hooks'), known.hook)
    if hook then redis.call('HSET', key('wh:hooks'), known.hook, 'g' .. string.sub(hook, 2)) end
  end
  if ARGV[8] ~= '' then
    for _, other in ipairs(redis.call('ZRANGE', key('wh:queue:' .. endpoint), 0, tonumber(ARGV[9]) - 1)) do
      local its = about(other)
      if its and its.since <= tonumber(ARGV[8]) and not redis.call('ZSCORE', key('wh:leased:' .. endpoint), other) then
        bury(other, its, now, redis.call('HGET', key('wh:reason'), other) or ARGV[10])
      end
    end
  end
end
look_again(endpoint, now, 0)
return {1, redis.call('ZRANGE', key('wh:look'), 0, 0, 'WITHSCORES')[2] or ''}
