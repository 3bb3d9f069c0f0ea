-- A log of which somebody deleted a part begins again: another token, and no seq is used twice.
-- ARGV: a token never used before

-- How many tasks wait and run in each lane, counted anew: a record was lost, or what was counted.
local function count_lanes()
  local lanes = redis.call('HKEYS', KEYS[1])
  for _, name in ipairs(lanes) do
    if string.find(name, '^[wr]:') then redis.call('HDEL', KEYS[1], name) end
  end
  for _, status in ipairs({'queued', 'running'}) do
    for _, task in ipairs(redis.call('ZRANGE', key(status), 0, -1)) do
      local lane = string.match(redis.call('HGET', key('task:' .. task), 'g') or '', '^%S+ %S+ %S+ %S+ (%S+)')
      if lane then redis.call('HINCRBY', KEYS[1], (status == 'queued' and 'w:' or 'r:') .. lane, 1) end
    end
  end
end

local function begin_again(project, token)
  local seq = math.max(project.seq, project.newest or 0)
  for _, status in ipairs(STATUSES) do
    local last = redis.call('ZREVRANGE', key(status), 0, 0, 'WITHSCORES')
    if last[2] then seq = math.max(seq, tonumber(last[2])) end
  end
  count_lanes()
  redis.call('DEL', key('log'))
  redis.call('HSET', KEYS[1], 'token', token, 'seq', number(seq), 'base', number(seq), 'v', VERSION)
  project.token, project.seq, project.base, project.newest, project.oldest = token, seq, seq, nil, nil
end
