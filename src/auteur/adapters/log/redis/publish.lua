-- Appends one event and changes the record of its task, if the law of the log (domain/guard.py) admits it, and notifies.
-- Checks first, writes after.
-- ARGV: 1 kind, 2 task id, 3 attempt, 4 worker, 5 event, 6 a token never used before, 7 history limit, 8 channel,
--       9 project id, 10 how old events may be, in microseconds, 11 status it leads to, or ''
--       12 the guard of a record that begins, or '', 13 shot, 14 own take, or '', 15 bytes of the result, 16 flags: h an
--       attempt was handed back, f and n favourite or not, c and u circled or not,
--       17 how many fields to set, then names and values, then names of fields to remove
-- Notifies on <channel>:{<project id>}, for those who follow the project, and on <channel> for who wants to hear all.
-- Returns {'OK', token, seq, take or 0}, or what refuses the event: {'EXISTS'}, {'UNKNOWN'}, {'ENDED'}, {'OPEN', n},
--       {'GONE'}, {'STALE', attempt}, {'DELETED'}, {'OLD'}

local kind, task, attempt = ARGV[1], ARGV[2], tonumber(ARGV[3])
local status, shot, flags = ARGV[11], ARGV[13], ARGV[16]
local record = key('task:' .. task)
local project = know_project()
if project.old then return {'OLD'} end
if project.deleted then return {'DELETED'} end

local begins = kind == 'TaskQueued' or kind == 'TaskImported'
local ends = kind == 'TaskSucceeded' or kind == 'TaskFailed' or kind == 'TaskCancelled'
local guard = nil
if kind == 'ProjectDeleted' then
  local open = redis.call('ZCARD', key('queued')) + redis.call('ZCARD', key('running'))
  if open > 0 then return {'OPEN', open} end
else
  -- <status> <attempt> <handed back> <cancel> <lane> <type> <quality> <queued at> <seq> <worker>
  local text = redis.call('HGET', record, 'g')
  if text then
    local s, a, h, c, lane, type, quality, at, seq, worker = string.match(text,
      '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S*)$')
    guard = {status = s, attempt = tonumber(a), handed = tonumber(h), cancel = c, lane = lane,
      rest = type .. ' ' .. quality .. ' ' .. at, seq = seq, worker = worker}
    guard.ended = s ~= 'queued' and s ~= 'running'
  end
end
if guard and shot == '' then shot = redis.call('HGET', record, 's') or '' end
local is_lost = false
if kind ~= 'ProjectDeleted' then
  if not guard and redis.call('SISMEMBER', key('deleted'), task) == 1 then return {'GONE'} end
  if begins then
    if guard then return {'EXISTS'} end
  elseif not guard then
    -- a record that was deleted behind our back, of a task that is known to be open, may end and nothing else
    is_lost = kind == 'TaskFailed' and (redis.call('ZSCORE', key('queued'), task) or redis.call('ZSCORE', key('running'), task))
    if not is_lost then return {'UNKNOWN'} end
  elseif kind == 'TaskDeleted' then
    if not guard.ended then return {'OPEN', 1} end
  elseif kind ~= 'TaskMarked' and kind ~= 'TakeCircled' then
    if guard.ended then return {'ENDED'} end
    if kind == 'TaskStarted' then
      if attempt <= guard.attempt then return {'STALE', guard.attempt} end
    elseif kind ~= 'CancelRequested' then
      if attempt ~= guard.attempt then return {'STALE', guard.attempt} end
      if guard.worker == '' and kind ~= 'TaskCancelled' and kind ~= 'TaskFailed' then return {'STALE', guard.attempt} end
    end
  end
end

if not project.sound then begin_again(project, ARGV[6]) end
local token, seq = project.token or ARGV[6], project.seq + 1
local now = redis.call('TIME')
local now_us = now[1] * 1000000 + now[2]

local take = 0
if begins and shot ~= '' then
  local last = tonumber(redis.call('HGET', key('takes'), shot) or '0')
  take = tonumber(ARGV[14] ~= '' and ARGV[14] or '0')
  if take <= last then take = last + 1 end
  redis.call('HSET', key('takes'), shot, take)
  redis.call('ZADD', key('shots'), 0, shot)
end

redis.call('XADD', key('log'), 'MAXLEN', '=', ARGV[7], number(seq) .. '-0', 'e', ARGV[5], 't', number(now_us), 'k', take)
redis.call('HSET', KEYS[1], 'token', token, 'seq', number(seq), 'v', VERSION)
if project.oldest_at and project.oldest_at < now_us - ARGV[10] then
  -- each event that comes lets two go that are too old
  local old = redis.call('XRANGE', key('log'), '-', '+', 'COUNT', 2)
  for _, entry in ipairs(old) do
    if tonumber(entry[2][4]) < now_us - ARGV[10] and seq_of({entry}) < seq then redis.call('XDEL', key('log'), entry[1]) end
  end
end

local function count_lane(of, lane, by)
  if of == 'queued' then redis.call('HINCRBY', KEYS[1], 'w:' .. lane, by) end
  if of == 'running' then redis.call('HINCRBY', KEYS[1], 'r:' .. lane, by) end
end

local function has(flag) return string.find(flags, flag, 1, true) end

if kind == 'ProjectDeleted' then
  redis.call('HSET', KEYS[1], 'deleted', '1')
  redis.call('XTRIM', key('log'), 'MAXLEN', '=', 1)
elseif is_lost then
  redis.call('ZREM', key('queued'), task)
  redis.call('ZREM', key('running'), task)
  redis.call('SADD', key('deleted'), task)
  count_lanes()
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
  local set, remove = {}, {}
  local fields = tonumber(ARGV[17])
  for i = 18, 17 + 2 * fields do set[#set + 1] = ARGV[i] end
  for i = 18 + 2 * fields, #ARGV do remove[#remove + 1] = ARGV[i] end
  if begins then
    local before, after = string.match(ARGV[12], '^(.*) SEQ (.*)$')
    guard = {status = string.match(ARGV[12], '^%S+'), lane = string.match(ARGV[12], '^%S+ %S+ %S+ %S+ (%S+)'), seq = number(seq)}
    redis.call('HSET', record, 'g', before .. ' ' .. number(seq) .. ' ' .. after)
    if take > 0 then
      set[#set + 1] = 'k'
      set[#set + 1] = take
      redis.call('ZADD', key('shot:' .. shot), number(seq), task)
    end
    redis.call('ZADD', key(guard.status), number(seq), task)
    count_lane(guard.status, guard.lane, 1)
  else
    if status ~= '' and status ~= guard.status then
      redis.call('ZREM', key(guard.status), task)
      redis.call('ZADD', key(status), guard.seq, task)
      count_lane(guard.status, guard.lane, -1)
      count_lane(status, guard.lane, 1)
    end
    local worker = guard.worker
    if kind == 'TaskStarted' then worker = ARGV[4] end
    if ends or kind == 'TaskRequeued' then worker = '' end
    redis.call('HSET', record, 'g', table.concat({
      status ~= '' and status or guard.status,
      kind == 'TaskStarted' and attempt or guard.attempt,
      guard.handed + (has('h') and 1 or 0),
      kind == 'CancelRequested' and '1' or guard.cancel,
      guard.lane, guard.rest, guard.seq, worker}, ' '))
  end
  for i = 1, #set, 2 do redis.call('HSET', record, set[i], set[i + 1]) end
  for _, name in ipairs(remove) do redis.call('HDEL', record, name) end
  if tonumber(ARGV[15]) > 0 then redis.call('HINCRBY', KEYS[1], 'size', ARGV[15]) end
  if has('f') then redis.call('ZADD', key('favourites'), guard.seq, task) end
  if has('n') then redis.call('ZREM', key('favourites'), task) end
  if has('c') then redis.call('HSET', key('circled'), shot, task) end
  if has('u') and redis.call('HGET', key('circled'), shot) == task then redis.call('HDEL', key('circled'), shot) end
end

local message = '{"project_id":"' .. ARGV[9] .. '","position":"' .. token .. RUN .. '-' .. number(seq)
  .. '","take":' .. take .. ',"record":' .. ARGV[5] .. '}'
-- that nobody could be notified does not undo what is recorded: listeners look by themselves
redis.pcall('PUBLISH', ARGV[8] .. ':{' .. ARGV[9] .. '}', message)
redis.pcall('PUBLISH', ARGV[8], message)
return {'OK', token, seq, take}
