-- One record. ARGV: task id. Returns {'OK', token, seq, record}, {'UNKNOWN'}, {'GONE'}, {'FORGOTTEN'}, or an obstacle

local project = know_project()
local stands = obstacle(project)
if stands then return stands end
local record = read_record(ARGV[1], 0)
if record then return {'OK', project.token, project.seq, record} end
if redis.call('SISMEMBER', key('forgotten'), ARGV[1]) == 1 then return {'FORGOTTEN'} end
if redis.call('SISMEMBER', key('deleted'), ARGV[1]) == 1 then return {'GONE'} end
return {'UNKNOWN'}
