-- Says when to look at a project next, unless something was entered since. KEYS: when to look, and when it was last
-- entered, by project. ARGV: 1 project, 2 when it had been entered last, 3 when to look, or '' for never
if (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
