-- What the reading scripts share. A record is answered as {id, seq, place among the waiting or 0, circled, fields}.

local function read_record(task, seq)
  local fields = redis.call('HGETALL', key('task:' .. task))
  if #fields == 0 then return nil end
  local rank, shot = redis.call('ZRANK', key('queued'), task), redis.call('HGET', key('task:' .. task), 's')
  local place = rank and rank + 1 or 0
  local circled = shot and redis.call('HGET', key('circled'), shot) == task
  return {task, seq, place, circled and 1 or 0, fields}
end

-- The ids in several indexes together, with their seqs. newest: from there down; else from there up.
local function ids(indexes, bound, limit, newest)
  local found = {}
  for _, index in ipairs(indexes) do
    local part
    if newest then
      part = redis.call('ZREVRANGEBYSCORE', key(index), '(' .. bound, '-inf', 'WITHSCORES', 'LIMIT', 0, limit)
    else
      part = redis.call('ZRANGEBYSCORE', key(index), '(' .. bound, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
    end
    for i = 1, #part, 2 do found[#found + 1] = {part[i], tonumber(part[i + 1])} end
  end
  table.sort(found, function(a, b)
    if newest then return a[2] > b[2] end
    return a[2] < b[2]
  end)
  for i = #found, limit + 1, -1 do found[i] = nil end
  return found
end

local function merge(indexes, bound, limit, newest)
  local found = ids(indexes, bound, limit, newest)
  local records = {}
  for i = 1, #found do
    -- an id without a record is passed over by who reads: it keeps its place
    records[#records + 1] = read_record(found[i][1], found[i][2]) or {found[i][1], found[i][2], 0, 0, {}}
  end
  return records
end

-- The newest of an index whose result has a picture, among the few newest.
local function poster_of(index)
  for _, task in ipairs(redis.call('ZREVRANGE', key(index), 0, 9)) do
    if string.find(redis.call('HGET', key('task:' .. task), 'b') or '', 'p') then return read_record(task, 0) or {} end
  end
  return {}
end

local function split(text)
  local words = {}
  for word in string.gmatch(text, '[^\n]+') do words[#words + 1] = word end
  return words
end

-- Of a project that is known whole: token, seq, size, how many in each status, then lanes with how many wait and run.
-- statuses: those that whoever asks needs; of the others none are said.
local function counts(project, statuses)
  local by_status = {}
  for i, status in ipairs(STATUSES) do
    by_status[i] = (not statuses or statuses[status]) and redis.call('ZCARD', key(status)) or 0
  end
  return {project.token or '', project.seq, tonumber(project.size), by_status, project.meta}
end
