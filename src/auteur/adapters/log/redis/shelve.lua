-- Puts or removes a document of a project. Keys beside those of project.lua:
--   doc:<kind>   hash: name -> <version> <when> <body>
--   docs:<kind>  sorted set: names, all of score 0
-- ARGV: 1 put or remove, 2 kind, 3 name, 4 the version that it must have, 0 for none, empty for any, 5 how many of the
-- kind there may be, 6 when, 7 body. Returns its version, or DELETED, UNKNOWN, MANY, or CHANGED and the version it has

if redis.call('HGET', KEYS[1], 'deleted') == '1' then return {'DELETED'} end
local bodies, names = key('doc:' .. ARGV[2]), key('docs:' .. ARGV[2])
local there = redis.call('HGET', bodies, ARGV[3])
local version = there and tonumber(string.match(there, '^%d+')) or 0
if ARGV[1] == 'remove' and version == 0 then return {'UNKNOWN'} end
if ARGV[4] ~= '' and tonumber(ARGV[4]) ~= version then return {'CHANGED', version} end
if ARGV[1] == 'remove' then
  redis.call('HDEL', bodies, ARGV[3])
  redis.call('ZREM', names, ARGV[3])
  return {'OK', version}
end
if version == 0 and redis.call('ZCARD', names) >= tonumber(ARGV[5]) then return {'MANY'} end
redis.call('HSET', bodies, ARGV[3], number(version + 1) .. ' ' .. ARGV[6] .. ' ' .. ARGV[7])
redis.call('ZADD', names, 0, ARGV[3])
return {'OK', version + 1}
