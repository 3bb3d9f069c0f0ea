-- Sends a task to its queue, unless somebody has sent it a short while ago. KEYS[1] the queue's stream; KEYS[2] what is
-- claimed by whoever sends it, in the same slot. ARGV: 1 the message, 2 for how many milliseconds
-- Returns 1 where it was sent

if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('XADD', KEYS[1], '*', 'data', ARGV[1])
return 1
