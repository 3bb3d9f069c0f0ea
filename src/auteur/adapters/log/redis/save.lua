-- Keeps a snapshot, if it is of this log and newer than the one kept. ARGV: 1 epoch, 2 seq, 3 body

local project = know_project()
local seq = tonumber(ARGV[2])
if not project.token or ARGV[1] ~= project.token .. RUN or seq > project.seq then return 0 end
if project.snapshot_token == project.token and project.snapshot_seq >= seq then return 0 end
redis.call('HSET', KEYS[3], 'token', project.token, 'seq', ARGV[2], 'body', ARGV[3])
redis.call('HSET', KEYS[1], 'saved', ARGV[2])
return 1
