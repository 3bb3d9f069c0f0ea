-- A log of which somebody deleted a part begins again: another token, and no seq is used twice.
-- ARGV: a token never used before

local function begin_again(project, token)
  local seq = math.max(project.seq, project.newest or 0, project.snapshot_seq)
  local now = redis.call('TIME')
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'token', token, 'seq', number(seq), 'base', number(seq), 'saved', 0,
    'base_at', number(now[1] * 1000000 + now[2]))
  project.token, project.seq, project.base, project.newest, project.oldest = token, seq, seq, nil, nil
end
