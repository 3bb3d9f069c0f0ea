-- What is known of one project, and whether it can still be believed. Put before every script about a project.
--
-- KEYS[1] is the project's meta; all its other keys begin like it, share its hash tag and so its slot:
--   meta       hash: token, drawn when the log began; seq, of the newest event; base, the seq before it began; v, the
--              version of these keys; size, of all results in bytes; deleted, 1 once the project is;
--              w:<lane> and r:<lane>, how many tasks wait and run there; o, a time, in microseconds: no event that is
--              kept was appended before it (where it is missing, nobody has looked)
--   log        stream: one entry an event, its id is <seq>-0; e, the event; t, when it was appended, in microseconds;
--              k, the take that was given
--   task:<id>  hash: one record (record.py)
--   blocked, queued, running, succeeded, failed, cancelled   sorted sets: task ids by the seq of their acceptance
--   dependants:<id>                                 sorted set of the same kind: the open tasks that have waited for it
--   favourites, shot:<name>                         sorted sets of the same kind
--   shots      sorted set: names, all of score 0; takes, hash: the last number given; circled, hash: task id by shot
--   deleted    set: ids of tasks that are no more; forgotten, those of them whose record a release before did not keep
--
-- A log's epoch is its token and the server's run: both change when events may have been lost.

local VERSION = '2'
local STATUSES = {'blocked', 'queued', 'running', 'succeeded', 'failed', 'cancelled'}
local P = string.match(KEYS[1], '^(.*)meta$')

local function key(name) return P .. name end

local function seq_of(entries)
  return entries[1] and tonumber(string.match(entries[1][1], '^%d+'))
end

local function number(text)
  return string.format('%.0f', text)
end

local function judge(token, seq, base, version, deleted)
  local project = {
    token = token,
    seq = tonumber(seq or '0'),
    base = tonumber(base or '0'),
    old = token and version ~= VERSION,
    deleted = deleted == '1',
    newest = seq_of(redis.call('XREVRANGE', key('log'), '+', '-', 'COUNT', 1)),
  }
  if project.token then
    project.sound = (project.newest or project.base) == project.seq
  else
    project.sound = not project.newest
      and redis.call('EXISTS', key('blocked'), key('queued'), key('running'), key('succeeded'), key('failed'),
        key('cancelled')) == 0
  end
  return project
end

-- fields: others of meta that whoever asks needs, read in the same command. They are said where they are named.
local function know_project(fields)
  local asked = {'token', 'seq', 'base', 'v', 'deleted'}
  for i = 1, fields and #fields or 0 do asked[5 + i] = fields[i] end
  local meta = redis.call('HMGET', KEYS[1], unpack(asked))
  local project = judge(meta[1], meta[2], meta[3], meta[4], meta[5])
  project.said = {}
  for i = 6, #asked do project.said[asked[i]] = meta[i] end
  return project
end

-- The same with all of meta, for who counts.
local function know_whole()
  local meta, said = redis.call('HGETALL', KEYS[1]), {}
  for i = 1, #meta, 2 do said[meta[i]] = meta[i + 1] end
  local project = judge(said.token or false, said.seq, said.base, said.v, said.deleted)
  project.meta, project.size = meta, said.size or '0'
  return project
end

-- For who asks for it: the oldest event that is kept, and when it was appended.
local function know_oldest(project)
  local oldest = redis.call('XRANGE', key('log'), '-', '+', 'COUNT', 1)
  project.oldest, project.oldest_at = seq_of(oldest), oldest[1] and tonumber(oldest[1][2][4])
end

-- The word that stands in the way of an answer: carried over from another version, repaired first, or gone.
local function obstacle(project)
  if project.old then return {'OLD'} end
  if not project.sound then return {'UNSOUND'} end
  if project.deleted then return {'DELETED'} end
end
