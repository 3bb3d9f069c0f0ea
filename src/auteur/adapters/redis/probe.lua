-- Does what accepting a task does, in keys of its own, and leaves nothing there: who may do this may take work.
-- Every command of the scripts is here (a test sees to it); the server refuses one as it would refuse it there.
-- KEYS[1] to KEYS[3]: a key like those of no project, of a project and of the queue. ARGV[1]: a channel to ring on
-- Returns {'OK'}, {'NO_CHANNEL', error} if all is well but the ring, or {'REFUSED', command, error}

local key = KEYS[1]
local tries = {
  {'DEL', KEYS[1], KEYS[2], KEYS[3]},
  {'SET', KEYS[1], '1', 'NX', 'PX', '1000'}, {'SET', KEYS[2], '1', 'PX', '1000'}, {'SET', KEYS[3], '1', 'PX', '1000'},
  {'DEL', KEYS[1], KEYS[2], KEYS[3]},
  {'TIME'},
  {'XADD', key, 'MAXLEN', '=', '9', '1-0', 'e', ''}, {'XADD', KEYS[2], '1-0', 'e', ''}, {'XADD', KEYS[3], '1-0', 'e', ''},
  {'XRANGE', key, '-', '+', 'COUNT', '1'}, {'XREVRANGE', key, '+', '-', 'COUNT', '1'}, {'XTRIM', key, 'MINID', '=', '1'},
  {'DEL', KEYS[1], KEYS[2], KEYS[3]},
  {'HSET', key, 'a', '1'}, {'HGET', key, 'a'}, {'HMGET', key, 'a', 'b'}, {'HGETALL', key}, {'HDEL', key, 'a'},
  {'HINCRBY', key, 'a', '1'}, {'HEXISTS', key, 'a'}, {'HLEN', key}, {'HKEYS', key}, {'HVALS', key}, {'EXISTS', key}, {'UNLINK', key},
  {'ZADD', key, '1', 'a'}, {'ZSCORE', key, 'a'}, {'ZRANGE', key, '0', '-1'}, {'ZREMRANGEBYSCORE', key, '-inf', '0'},
  {'PEXPIREAT', key, '32503680000000'}, {'ZREM', key, 'a'},
  {'ZCARD', key}, {'ZRANK', key, 'a'}, {'ZREVRANGE', key, '0', '-1'}, {'ZREVRANGEBYSCORE', key, '+inf', '-inf'},
  {'ZRANGEBYSCORE', key, '-inf', '+inf'}, {'ZRANGEBYLEX', key, '-', '+'}, {'XDEL', KEYS[2], '1-0'}, {'DEL', KEYS[2]},
  {'SADD', key, 'a'}, {'SISMEMBER', key, 'a'}, {'SMEMBERS', key}, {'SREM', key, 'a'},
}
for _, words in ipairs(tries) do
  local answer = redis.pcall(unpack(words))
  if type(answer) == 'table' and answer.err then return {'REFUSED', words[1], answer.err} end
end
if ARGV[1] ~= '' then
  local rung = redis.pcall('PUBLISH', ARGV[1], '')
  if type(rung) == 'table' and rung.err then return {'NO_CHANNEL', rung.err} end
end
return {'OK'}
