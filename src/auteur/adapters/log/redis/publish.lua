-- Appends events of one project and changes the records of their tasks, if the law of the log (domain/guard.py) admits
-- all of them, and notifies. Checks first, writes after; of several, each is of another task.
-- ARGV: 1 a token never used before, 2 history limit, 3 channel, 4 project id, 5 how old events may be, in microseconds,
--       6 '1' where the project is on the list of those that owe something, then for each event: 1 kind, 2 task id, 3 attempt, 4 worker, 5 event, 6 status it leads to, or ''
--       7 the guard of a record that begins, or '', 8 shot, 9 own take, or '', 10 what it waits for, by line, 11 bytes of
--       the result, 12 flags: h an attempt was handed back, f and n favourite or not, c and u circled or not, o what is
--       set as field o is added there to what it has, each line once, the newest 50,
--       13 when it happens, 14 the id of the webhook that the task brings, or '', 15 its value (outbox.lua),
--       16 how many fields to set, then names and values, how many fields to remove, then their names
-- Notifies on <channel>:{<project id>}, for those who follow the project, and on <channel> for who wants to hear all.
-- Returns {'OK', token, seq of the first, takes or 0, after an ending how many tasks wait, else -1}, or what refuses an event, counted from 0: {'EXISTS', i},
--       {'UNKNOWN', i}, {'ENDED', i}, {'OPEN', i, n}, {'GONE', i}, {'BLOCKED', i}, {'FREE', i}, {'STALE', i, attempt},
--       or {'DELETED'}, {'OLD'}, or {'LIST'}: it has to be on that list first

local function read_event(at)
  local said = {kind = ARGV[at], task = ARGV[at + 1], attempt = tonumber(ARGV[at + 2]), worker = ARGV[at + 3],
    event = ARGV[at + 4], status = ARGV[at + 5], begin = ARGV[at + 6], shot = ARGV[at + 7], own_take = ARGV[at + 8],
    waits = ARGV[at + 9], size = ARGV[at + 10], flags = ARGV[at + 11], at = ARGV[at + 12], own = ARGV[at + 13],
    own_body = ARGV[at + 14], set = {}, remove = {}}
  said.record = key('task:' .. said.task)
  said.begins = said.kind == 'TaskQueued' or said.kind == 'TaskImported'
  said.ends = said.kind == 'TaskSucceeded' or said.kind == 'TaskFailed' or said.kind == 'TaskCancelled'
  local removed_at = at + 16 + 2 * tonumber(ARGV[at + 15])
  for i = at + 16, removed_at - 1 do said.set[#said.set + 1] = ARGV[i] end
  local next_at = removed_at + 1 + tonumber(ARGV[removed_at])
  for i = removed_at + 1, next_at - 1 do said.remove[#said.remove + 1] = ARGV[i] end
  return said, next_at
end

-- What the log knows of the event's task; nil if nothing.
local function read_guard(said)
  -- <status> <attempt> <handed back> <cancel> <lane> <type> <quality> <queued at> <seq> <worker>
  local known = redis.call('HMGET', said.record, 'g', 's', 'w', 'p', 'm', 'v')
  local text = known[1]
  if not text then return nil end
  if said.shot == '' then said.shot = known[2] or '' end
  local s, a, h, c, lane, type, quality, at, seq, worker = string.match(text,
    '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S*)$')
  return {text = text, status = s, attempt = tonumber(a), handed = tonumber(h), cancel = c, lane = lane,
    rest = type .. ' ' .. quality .. ' ' .. at, seq = seq, worker = worker, waits = known[3],
    has = {p = known[4], m = known[5], v = known[6]},  -- what a task without a word of progress need not let go
    ended = s ~= 'blocked' and s ~= 'queued' and s ~= 'running'}
end

-- What refuses the event; nil if nothing does.
local function refusal(said, i)
  local kind, task, attempt = said.kind, said.task, said.attempt
  if kind == 'ProjectDeleted' then
    local open = redis.call('ZCARD', key('blocked')) + redis.call('ZCARD', key('queued')) + redis.call('ZCARD', key('running'))
    if open > 0 then return {'OPEN', i, open} end
    return nil
  end
  local guard = said.guard
  if not guard and redis.call('SISMEMBER', key('deleted'), task) == 1 then return {'GONE', i} end
  if said.begins then
    if guard then return {'EXISTS', i} end
  elseif not guard then
    -- a record that was deleted behind our back, of a task that is known to be open, may end and nothing else
    said.is_lost = kind == 'TaskFailed' and (redis.call('ZSCORE', key('queued'), task)
      or redis.call('ZSCORE', key('running'), task) or redis.call('ZSCORE', key('blocked'), task))
    if not said.is_lost then return {'UNKNOWN', i} end
  elseif kind == 'TaskDeleted' then
    if not guard.ended then return {'OPEN', i, 1} end
  elseif kind ~= 'TaskMarked' and kind ~= 'TakeCircled' and kind ~= 'TaskPromoted' then
    if guard.ended then return {'ENDED', i} end
    if kind == 'TaskUnblocked' then
      if guard.status ~= 'blocked' then return {'FREE', i} end
    elseif kind == 'TaskStarted' then
      if guard.status == 'blocked' then return {'BLOCKED', i} end
      if attempt <= guard.attempt then return {'STALE', i, guard.attempt} end
    elseif kind ~= 'CancelRequested' then
      if attempt ~= guard.attempt then return {'STALE', i, guard.attempt} end
      if guard.worker == '' and kind ~= 'TaskCancelled' and kind ~= 'TaskFailed' then return {'STALE', i, guard.attempt} end
    end
  end
end

local events, at, asked = {}, 7, {'o'}
while at <= #ARGV do
  local said
  said, at = read_event(at)
  if said.kind ~= 'ProjectDeleted' then said.guard = read_guard(said) end
  local lane = said.guard and said.guard.lane or string.match(said.begin, '^%S+ %S+ %S+ %S+ (%S+)')
  if lane and asked[lane] == nil then
    asked[lane] = true
    asked[#asked + 1], asked[#asked + 2] = 'w:' .. lane, 'r:' .. lane
  end
  events[#events + 1] = said
end
local project = know_project(asked)
if project.old then return {'OLD'} end
if project.deleted then return {'DELETED'} end

local now = redis.call('TIME')
local now_us = now[1] * 1000000 + now[2]
local too_old_us = now_us - ARGV[5]
local counted = {}

local function count_lane(of, lane, by)
  local field = of == 'queued' and 'w:' .. lane or of == 'running' and 'r:' .. lane
  if field then counted[field] = (counted[field] or 0) + by end
end

-- Writes of meta what has changed: in one command, unless the lanes were counted anew meanwhile.
local function write_meta(fields)
  for field, by in pairs(counted) do
    if project.recounted then
      redis.call('HINCRBY', KEYS[1], field, by)
    elseif by ~= 0 then
      fields[#fields + 1], fields[#fields + 2] = field, number((project.said[field] or 0) + by)
    end
  end
  counted = {}
  if fields[1] then redis.call('HSET', KEYS[1], unpack(fields)) end
end

local function give_take(said)
  if not said.begins or said.shot == '' then return 0 end
  local shot, last = said.shot, tonumber(redis.call('HGET', key('takes'), said.shot) or '0')
  local take = tonumber(said.own_take ~= '' and said.own_take or '0')
  if take <= last then take = last + 1 end
  redis.call('HSET', key('takes'), shot, take)
  redis.call('ZADD', key('shots'), 0, shot)
  return take
end

local function append(said, seq, take)
  redis.call('XADD', key('log'), 'MAXLEN', '=', ARGV[2], number(seq) .. '-0', 'e', said.event, 't', number(now_us), 'k', take)
  if project.oldest_at and project.oldest_at < too_old_us then
    -- each event that comes lets two go that are too old
    local old = redis.call('XRANGE', key('log'), '-', '+', 'COUNT', 2)
    for _, entry in ipairs(old) do
      if tonumber(entry[2][4]) < too_old_us and seq_of({entry}) < seq then redis.call('XDEL', key('log'), entry[1]) end
    end
  end
end

-- Enters a task with those that it waits for, or takes it out.
local function wait_for(waits, task, seq)
  for origin in string.gmatch(waits, '[^\n]+') do
    if seq then
      redis.call('ZADD', key('dependants:' .. origin), seq, task)
    else
      redis.call('ZREM', key('dependants:' .. origin), task)
    end
  end
end

-- A text of lines with one more at the end: with_promotion of domain/task.py.
local function with_line(text, line)
  local lines = {}
  for known in string.gmatch(text, '[^\n]+') do
    if known ~= line then lines[#lines + 1] = known end
  end
  lines[#lines + 1] = line
  return table.concat(lines, '\n', math.max(#lines - 49, 1))
end

local function change(said, seq, take)
  local kind, task, record, guard = said.kind, said.task, said.record, said.guard
  local status, shot, set, remove = said.status, said.shot, said.set, said.remove
  local function has(flag) return string.find(said.flags, flag, 1, true) end
  if kind == 'ProjectDeleted' then
    redis.call('HSET', KEYS[1], 'deleted', '1')
    redis.call('XTRIM', key('log'), 'MAXLEN', '=', 1)
    for _, name in ipairs({'wh:hooks', 'wh:own', 'wh:owntasks', 'wh:ownhooks'}) do redis.call('UNLINK', key(name)) end
    for _, name in ipairs({'set', 'cast', 'film'}) do redis.call('UNLINK', key('doc:' .. name), key('docs:' .. name)) end
  elseif said.is_lost then
    redis.call('ZREM', key('blocked'), task)
    redis.call('ZREM', key('queued'), task)
    redis.call('ZREM', key('running'), task)
    redis.call('SADD', key('deleted'), task)
    write_meta({})
    count_lanes()
    project.recounted = true
  elseif kind == 'TaskDeleted' then
    redis.call('ZREM', key(guard.status), task)
    redis.call('ZREM', key('favourites'), task)
    if shot ~= '' then
      redis.call('ZREM', key('shot:' .. shot), task)
      if redis.call('HGET', key('circled'), shot) == task then redis.call('HDEL', key('circled'), shot) end
    end
    -- '-0' is no integer to Redis 7.0
    local size = tonumber(string.match(redis.call('HGET', record, 'b') or '0', '^%d+'))
    if size > 0 then redis.call('HINCRBY', KEYS[1], 'size', '-' .. number(size)) end
    redis.call('DEL', record)
    redis.call('SADD', key('deleted'), task)
  else
    if said.begins then
      local before, after = string.match(said.begin, '^(.*) SEQ (.*)$')
      guard = {status = string.match(said.begin, '^%S+'), lane = string.match(said.begin, '^%S+ %S+ %S+ %S+ (%S+)'),
        seq = number(seq), has = {}}
      set[#set + 1] = 'g'
      set[#set + 1] = before .. ' ' .. number(seq) .. ' ' .. after
      if take > 0 then
        set[#set + 1] = 'k'
        set[#set + 1] = take
        redis.call('ZADD', key('shot:' .. shot), number(seq), task)
      end
      if said.waits ~= '' then
        set[#set + 1] = 'w'
        set[#set + 1] = said.waits
        wait_for(said.waits, task, guard.seq)
      end
      redis.call('ZADD', key(guard.status), number(seq), task)
      count_lane(guard.status, guard.lane, 1)
    else
      if status ~= '' and status ~= guard.status then
        redis.call('ZREM', key(guard.status), task)
        redis.call('ZADD', key(status), guard.seq, task)
        count_lane(guard.status, guard.lane, -1)
        count_lane(status, guard.lane, 1)
        if said.ends then
          local waits = guard.waits
          if waits then
            wait_for(waits, task)
            remove[#remove + 1] = 'w'
          end
        end
      end
      local worker = guard.worker
      if kind == 'TaskStarted' then worker = said.worker end
      if said.ends or kind == 'TaskRequeued' then worker = '' end
      local guarded = table.concat({
        status ~= '' and status or guard.status,
        kind == 'TaskStarted' and said.attempt or guard.attempt,
        guard.handed + (has('h') and 1 or 0),
        kind == 'CancelRequested' and '1' or guard.cancel,
        guard.lane, guard.rest, guard.seq, worker}, ' ')
      if guarded ~= guard.text then
        set[#set + 1] = 'g'
        set[#set + 1] = guarded
      end
    end
    if has('o') then
      for i = 1, #set, 2 do
        if set[i] == 'o' then set[i + 1] = with_line(redis.call('HGET', record, 'o') or '', set[i + 1]) end
      end
    end
    if set[1] then redis.call('HSET', record, unpack(set)) end
    local had = {}
    for _, name in ipairs(remove) do
      if guard.has[name] ~= false then had[#had + 1] = name end
    end
    if had[1] then redis.call('HDEL', record, unpack(had)) end
    if tonumber(said.size) > 0 then redis.call('HINCRBY', KEYS[1], 'size', said.size) end
    if has('f') then redis.call('ZADD', key('favourites'), guard.seq, task) end
    if has('n') then redis.call('ZREM', key('favourites'), task) end
    if has('c') then redis.call('HSET', key('circled'), shot, task) end
    if has('u') and redis.call('HGET', key('circled'), shot) == task then redis.call('HDEL', key('circled'), shot) end
  end
end

-- Mostly nobody is to hear of an ending, and nothing waits that it would let go on: one command says so.
local is_quiet = events[1].ends
  and redis.call('EXISTS', key('wh:hooks'), key('wh:own'), key('blocked'), key('queued')) == 0
for i, said in ipairs(events) do
  local refused = refusal(said, i - 1)
  if refused then return refused end
  said.owed = not is_quiet and is_owed(said)
  if ARGV[6] ~= '1' and said.owed then return {'LIST'} end
end

local meta = {'seq', number(project.seq + #events)}
if not project.sound then
  begin_again(project, ARGV[1])
  project.recounted = true
  meta[2] = number(project.seq + #events)
end
if not project.token then
  project.token = ARGV[1]
  meta[3], meta[4], meta[5], meta[6] = 'token', project.token, 'v', VERSION
end
if tonumber(project.said.o or '0') < too_old_us or not project.said.o then
  know_oldest(project)
  local oldest_at = project.oldest_at or now_us
  if oldest_at >= too_old_us then meta[#meta + 1], meta[#meta + 2] = 'o', number(oldest_at) end
end
local token, first, takes = project.token, project.seq + 1, {}
for i, said in ipairs(events) do
  local seq = project.seq + i
  takes[i] = give_take(said)
  append(said, seq, takes[i])
  change(said, seq, takes[i])
  keep_own(said)
  owe(said, seq, token .. RUN)
  local message = '{"project_id":"' .. ARGV[4] .. '","position":"' .. token .. RUN .. '-' .. number(seq)
    .. '","take":' .. takes[i] .. ',"record":' .. said.event .. '}'
  -- that nobody could be notified does not undo what is recorded: listeners look by themselves
  redis.pcall('PUBLISH', ARGV[3] .. ':{' .. ARGV[4] .. '}', message)
  redis.pcall('PUBLISH', ARGV[3], message)
end
write_meta(meta)
local waiting = -1
if is_quiet and #events == 1 then
  waiting = 0
elseif events[1].ends then
  waiting = redis.call('ZCARD', key('blocked')) + redis.call('ZCARD', key('queued'))
end
return {'OK', token, first, takes, waiting}
