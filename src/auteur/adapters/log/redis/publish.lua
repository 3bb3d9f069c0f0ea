-- Appends one event, if the law of the log (domain/guard.py) admits it, and rings for it. Checks first, writes after.
-- ARGV: 1 kind, 2 task id, 3 attempt, 4 worker, 5 event, 6 a token never used before, 7 history limit,
--       8 channel, 9 project id
-- Rings on <channel>:{<project id>}, for those who follow the project, and on <channel> for who wants to hear all.
-- Returns {'OK', token, seq}, or what refuses the event: {'EXISTS'}, {'UNKNOWN'}, {'ENDED'}, {'STALE', attempt}

local kind, task, attempt = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = redis.call('HGET', KEYS[4], task)
local ended = not held and redis.call('ZSCORE', KEYS[5], task)
local known_attempt, worker = 0, ''
if held then
  known_attempt, worker = string.match(held, '^(%d+) (.*)$')
  known_attempt = tonumber(known_attempt)
end

if kind == 'TaskQueued' then
  if held or ended then return {'EXISTS'} end
elseif ended then
  return {'ENDED'}
elseif not held then
  return {'UNKNOWN'}
elseif kind == 'TaskStarted' then
  if attempt <= known_attempt then return {'STALE', known_attempt} end
  known_attempt, worker = attempt, ARGV[4]
elseif kind ~= 'CancelRequested' then
  if attempt ~= known_attempt then return {'STALE', known_attempt} end
  if worker == '' and kind ~= 'TaskCancelled' and kind ~= 'TaskFailed' then return {'STALE', known_attempt} end
  if kind == 'TaskRequeued' then worker = '' end
end
local ends = kind == 'TaskSucceeded' or kind == 'TaskFailed' or kind == 'TaskCancelled'

local project = know_project()
if not project.sound then begin_again(project, ARGV[6]) end
local token, seq = project.token or ARGV[6], project.seq + 1
local now = redis.call('TIME')
local now_us = number(now[1] * 1000000 + now[2])

redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[7], number(seq) .. '-0', 'e', ARGV[5], 't', now_us)
redis.call('HSET', KEYS[1], 'token', token, 'seq', number(seq))
if ends then
  redis.call('HDEL', KEYS[4], task)
  redis.call('ZADD', KEYS[5], now_us, task)
else
  redis.call('HSET', KEYS[4], task, number(known_attempt) .. ' ' .. worker)
end
local said = '{"project_id":"' .. ARGV[9] .. '","position":"' .. token .. RUN .. '-' .. number(seq)
  .. '","record":' .. ARGV[5] .. '}'
redis.call('PUBLISH', ARGV[8] .. ':{' .. ARGV[9] .. '}', said)
redis.call('PUBLISH', ARGV[8], said)
return {'OK', token, seq}
