-- Writes records of a project that an auteur of before kept as a snapshot; the last call makes them count.
-- ARGV: 1 the seq that the log was read up to, 2 '1' with the last call, then for each record: id, seq, status, lane,
--       bytes, number of fields, names and values.
-- Returns 1, or 0 if events came meanwhile: then it begins again

local meta = redis.call('HMGET', KEYS[1], 'seq', 'v')
if meta[2] == VERSION then return 1 end
if (meta[1] or '0') ~= ARGV[1] then return 0 end
local i = 3
while i <= #ARGV do
  local task, seq, status, lane, size, fields = unpack(ARGV, i, i + 5)
  local record = key('task:' .. task)
  redis.call('DEL', record)
  for j = i + 6, i + 5 + 2 * fields, 2 do redis.call('HSET', record, ARGV[j], ARGV[j + 1]) end
  for _, other in ipairs({'queued', 'running'}) do
    -- where an attempt at this that came to nothing has put it, before a process of before went on with it
    if other ~= status and redis.call('ZREM', key(other), task) == 1 then
      redis.call('HINCRBY', KEYS[1], (other == 'queued' and 'w:' or 'r:') .. lane, -1)
    end
  end
  if redis.call('ZADD', key(status), seq, task) == 1 then
    if status == 'queued' then redis.call('HINCRBY', KEYS[1], 'w:' .. lane, 1) end
    if status == 'running' then redis.call('HINCRBY', KEYS[1], 'r:' .. lane, 1) end
    if tonumber(size) > 0 then redis.call('HINCRBY', KEYS[1], 'size', size) end
  end
  i = i + 6 + 2 * fields
end
if ARGV[2] == '1' then
  -- guards of tasks of which nothing else is known: their ids stay used
  for _, task in ipairs(redis.call('ZRANGE', key('ended'), 0, -1)) do
    if redis.call('EXISTS', key('task:' .. task)) == 0 then
      redis.call('SADD', key('deleted'), task)
      redis.call('SADD', key('forgotten'), task)
    end
  end
  -- open tasks of which nothing else is known: whoever sweeps finds them without a record, and ends them
  for _, task in ipairs(redis.call('HKEYS', key('open'))) do
    if redis.call('EXISTS', key('task:' .. task)) == 0 then redis.call('ZADD', key('queued'), 0, task) end
  end
  redis.call('DEL', key('state'), key('open'), key('ended'))
  -- a process of before that still runs shall fail here, and not write beside the records
  redis.call('SET', key('open'), 'records')
  redis.call('HDEL', KEYS[1], 'saved', 'base_at')
  redis.call('HSET', KEYS[1], 'v', VERSION)
end
return 1
