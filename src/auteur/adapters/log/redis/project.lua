-- What is known of one project, and whether it can still be believed. Put before every script about a project.
--
-- KEYS[1] meta   hash: token, drawn when the log began; seq, of the newest event; base, the seq before it began;
--                base_at, when that was, in microseconds; saved, the seq of the newest snapshot
-- KEYS[2] log    stream: one entry an event, its id is <seq>-0; e, the event; t, when it was appended, in microseconds
-- KEYS[3] state  hash: the newest snapshot; token and seq of its position, body
-- KEYS[4] open   hash: tasks without an ending; "<attempt> <worker>"
-- KEYS[5] ended  sorted set: tasks with an ending, by when they ended, in microseconds
--
-- A log's epoch is its token and the server's run: both change when events may have been lost.

local function seq_of(entries)
  return entries[1] and tonumber(string.match(entries[1][1], '^%d+'))
end

local function number(text)
  return string.format('%.0f', text)
end

local function know_project()
  local meta = redis.call('HMGET', KEYS[1], 'token', 'seq', 'base', 'saved')
  local snapshot = redis.call('HMGET', KEYS[3], 'token', 'seq')
  local project = {
    token = meta[1],
    seq = tonumber(meta[2] or '0'),
    base = tonumber(meta[3] or '0'),
    newest = seq_of(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)),
    oldest = seq_of(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)),
    snapshot_token = snapshot[1],
    snapshot_seq = tonumber(snapshot[2] or '0'),
  }
  local saved = tonumber(meta[4] or '0')
  if project.token then
    -- the newest event is there; if there was a snapshot it still is, and the log reaches back to it
    project.sound = (project.newest or project.base) == project.seq
      and (saved == 0 or (project.snapshot_token == project.token and project.snapshot_seq >= saved
        and (project.oldest or project.seq + 1) <= project.snapshot_seq + 1))
  else
    project.sound = not project.newest and not project.snapshot_token
  end
  return project
end
