-- A project in a list. Returns {'OK', counts, the newest event's time in microseconds, poster's record} or an obstacle

local project = know_whole()
local stands = obstacle(project)
if stands then return stands end
local newest = redis.call('XREVRANGE', key('log'), '+', '-', 'COUNT', 1)
return {'OK', counts(project), newest[1] and newest[1][2][4] or '0', poster_of('succeeded')}
