-- Some documents of a kind by name. ARGV: 1 kind, 2 the name after which they come, empty for the first, 3 how many
-- Returns DELETED, or OK and name, body, name, body …

if redis.call('HGET', KEYS[1], 'deleted') == '1' then return {'DELETED'} end
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local answer = {'OK'}
for _, name in ipairs(redis.call('ZRANGEBYLEX', key('docs:' .. ARGV[1]), from, '+', 'LIMIT', 0, tonumber(ARGV[3]))) do
  answer[#answer + 1] = name
  answer[#answer + 1] = redis.call('HGET', key('doc:' .. ARGV[1]), name)
end
return answer
