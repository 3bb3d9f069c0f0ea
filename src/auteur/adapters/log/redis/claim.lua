-- Gives some deliveries that are due to the caller alone until the lease ends.
-- ARGV: 1 now, 2 when the lease ends, 3 how many, 4 how many of one endpoint, 5 how many failures make an endpoint rest,
--       6 the reason of those whose webhook is disabled, 7 '1' where the project is on the list of those with dead letters
-- Returns {when to look at the project again or '', 1 where it has to be on that list first, delivery …}, each {id, event, about, attempts, reason, webhook, failures}

local now, left = tonumber(ARGV[1]), tonumber(ARGV[3])
local claims = {'', 0}
if redis.call('HGET', KEYS[1], 'deleted') == '1' then return claims end
for _, endpoint in ipairs(redis.call('ZRANGEBYSCORE', key('wh:look'), '-inf', ARGV[1], 'LIMIT', 0, left)) do
  local failures = tonumber(redis.call('HGET', key('wh:failures'), endpoint) or '0')
  local most = failures >= tonumber(ARGV[5]) and 1 or tonumber(ARGV[4])
  local leases, queue = key('wh:leased:' .. endpoint), key('wh:queue:' .. endpoint)
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', ARGV[1])
  local rests = tonumber(redis.call('HGET', key('wh:rests'), endpoint) or '0')
  local room = rests > now and 0 or math.min(most - redis.call('ZCARD', leases), left)
  if room > 0 then
    -- many, for those of who hears nothing any more all go at once
    for _, name in ipairs(redis.call('ZRANGEBYSCORE', queue, '-inf', ARGV[1], 'LIMIT', 0, 100)) do
      if room <= 0 then break end
      local known = about(name)
      local hook = known and hook_of(known.hook)
      if not hook then
        drop(name, {endpoint = endpoint})
      elseif string.sub(hook, 1, 2) ~= 'e ' then
        if ARGV[7] == '1' then bury(name, known, now, ARGV[6]) else claims[2] = 1 end
      else
        local attempts = redis.call('HINCRBY', key('wh:attempts'), name, 1)
        redis.call('ZADD', queue, ARGV[2], name)
        redis.call('ZADD', leases, ARGV[2], name)
        left, room = left - 1, room - 1
        claims[#claims + 1] = {name, redis.call('HGET', key('wh:event'), name),
          redis.call('HGET', key('wh:about'), name), attempts, redis.call('HGET', key('wh:reason'), name) or '', hook,
          failures}
      end
    end
  end
  local not_before = 0
  if redis.call('ZCARD', leases) >= most then
    not_before = tonumber(redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2])
  end
  look_again(endpoint, now, not_before)
  if left <= 0 then break end
end
claims[1] = redis.call('ZRANGE', key('wh:look'), 0, 0, 'WITHSCORES')[2] or ''
return claims
