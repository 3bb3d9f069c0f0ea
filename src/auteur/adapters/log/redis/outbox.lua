-- What is owed to webhooks. Put before every script that enters, claims or ends a delivery. Keys beside those of project.lua:
--   wh:hooks     hash: webhook id -> <e, enabled, or why it is not: a, asked, or g, gone> <endpoint> <types by comma> <body>
--   wh:own       hash: task id -> id of the webhook that it brought; wh:owntasks, the reverse; wh:ownhooks, hash as
--                wh:hooks, of these
--   wh:event     hash: delivery id -> the ending; wh:about -> <webhook id> <endpoint> <epoch> <seq> <since>
--   wh:attempts  hash: delivery id -> attempts begun since then; wh:reason -> what was wrong at the last one
--   wh:waiting   sorted set: delivery ids by since; wh:dead, those that were given up by when
--   wh:queue:<endpoint>   sorted set: delivery ids by when they are due, or their lease ends; wh:leased:<endpoint>, those
--                that somebody has, by when their lease ends
--   wh:look      sorted set: endpoints for which anything waits by when to look there
--   wh:failures  hash: endpoint -> how often it failed in a row; wh:rests, until when it rests
-- Times are in microseconds.

local function hook_of(id)
  return redis.call('HGET', key('wh:hooks'), id) or redis.call('HGET', key('wh:ownhooks'), id)
end

local function about(name)
  local said = redis.call('HGET', key('wh:about'), name)
  if not said then return nil end
  local hook, endpoint, epoch, seq, since = string.match(said, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
  return {hook = hook, endpoint = endpoint, epoch = epoch, seq = seq, since = tonumber(since)}
end

local function wait_since(name, hook, endpoint, epoch, seq, since)
  redis.call('HSET', key('wh:about'), name, table.concat({hook, endpoint, epoch, seq, number(since)}, ' '))
  redis.call('ZADD', key('wh:waiting'), number(since), name)
  redis.call('ZADD', key('wh:queue:' .. endpoint), number(since), name)
  -- looked at when it is due, unless the endpoint rests, or is looked at before
  local at = math.max(since, tonumber(redis.call('HGET', key('wh:rests'), endpoint) or '0'))
  local known = redis.call('ZSCORE', key('wh:look'), endpoint)
  if not known or at < tonumber(known) then redis.call('ZADD', key('wh:look'), number(at), endpoint) end
end

local function wait_no_longer(name, endpoint)
  redis.call('ZREM', key('wh:waiting'), name)
  redis.call('ZREM', key('wh:queue:' .. endpoint), name)
  redis.call('ZREM', key('wh:leased:' .. endpoint), name)
end

local function drop(name, known)
  wait_no_longer(name, known.endpoint)
  redis.call('ZREM', key('wh:dead'), name)
  for _, hash in ipairs({'wh:event', 'wh:about', 'wh:attempts', 'wh:reason'}) do redis.call('HDEL', key(hash), name) end
end

local function remove_own(hook)
  local task = redis.call('HGET', key('wh:owntasks'), hook)
  if not task then return end
  for name, field in pairs({['wh:own'] = task, ['wh:owntasks'] = hook, ['wh:ownhooks'] = hook}) do
    redis.call('HDEL', key(name), field)
  end
end

local function bury(name, known, at, reason)
  wait_no_longer(name, known.endpoint)
  redis.call('ZADD', key('wh:dead'), number(at), name)
  redis.call('HSET', key('wh:reason'), name, reason)
end

-- Writes when the endpoint is to be looked at next; takes it off where nothing waits for it.
local function look_again(endpoint, at, not_before)
  local leased = redis.call('ZRANGEBYSCORE', key('wh:leased:' .. endpoint), '(' .. number(at), '+inf', 'WITHSCORES')
  local has = {}
  for i = 1, #leased, 2 do has[leased[i]] = true end
  local due = leased[2] and tonumber(leased[2])
  local waiting = redis.call('ZRANGE', key('wh:queue:' .. endpoint), 0, #leased / 2, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    if not has[waiting[i]] then
      due = tonumber(waiting[i + 1])
      break
    end
  end
  if not due then
    redis.call('ZREM', key('wh:look'), endpoint)
    redis.call('HDEL', key('wh:failures'), endpoint)
    redis.call('HDEL', key('wh:rests'), endpoint)
    redis.call('DEL', key('wh:leased:' .. endpoint))
    return
  end
  local rests = tonumber(redis.call('HGET', key('wh:rests'), endpoint) or '0')
  redis.call('ZADD', key('wh:look'), number(math.max(due, not_before, rests)), endpoint)
end
