-- A worker says that it is here, and hears who is. KEYS[1] workers: sorted set, by the end of their lease
-- ARGV: 1 the worker's entry, 2 lease in milliseconds. Returns whether it was not on the list, 1 or 0, and the entries
-- of those present.

local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local is_new = redis.call('ZADD', KEYS[1], string.format('%.0f', now_ms + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now_ms))
return {is_new, redis.call('ZRANGE', KEYS[1], 0, -1)}
