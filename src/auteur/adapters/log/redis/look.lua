-- What a submission must know, at one moment. ARGV: task id. Returns {'OK', token, seq, record, counts of open tasks};
-- in place of the record '' where there is none, GONE or FORGOTTEN where there was one; or an obstacle

local project = know_whole()
local stands = obstacle(project)
if stands then return stands end
local record = read_record(ARGV[1], 0) or ''
if record == '' and redis.call('SISMEMBER', key('deleted'), ARGV[1]) == 1 then
  record = redis.call('SISMEMBER', key('forgotten'), ARGV[1]) == 1 and 'FORGOTTEN' or 'GONE'
end
return {'OK', project.token or '', project.seq, record, counts(project, {blocked = true, queued = true, running = true})}
