-- Dead letters, the newest first. ARGV: 1 and 2 the place behind which to begin, when it died and its id, or '' and '',
-- 3 how many. Looks at a few thousand. Returns {{1 where the project is deleted, the place where it stopped looking, as
-- ARGV 1 and 2}, {id, event, about, attempts, reason, when it died} …}

local stopped = {redis.call('HGET', KEYS[1], 'deleted') == '1' and 1 or 0, '', ''}
local answer = {stopped}
local from, left, skip = '+inf', tonumber(ARGV[3]), 0
if ARGV[1] ~= '' then from = ARGV[1] end
while left > 0 do
  local page = redis.call('ZREVRANGEBYSCORE', key('wh:dead'), from, '-inf', 'WITHSCORES', 'LIMIT', skip, 100)
  for i = 1, #page, 2 do
    local name, died = page[i], page[i + 1]
    local is_behind = ARGV[1] == '' or tonumber(died) < tonumber(ARGV[1]) or name < ARGV[2]
    local known = about(name)
    if is_behind and left > 0 and known and hook_of(known.hook) then
      left = left - 1
      answer[#answer + 1] = {name, redis.call('HGET', key('wh:event'), name), redis.call('HGET', key('wh:about'), name),
        tonumber(redis.call('HGET', key('wh:attempts'), name) or '0'), redis.call('HGET', key('wh:reason'), name) or '',
        number(tonumber(died))}
    end
  end
  if #page < 200 then break end
  skip = skip + 100
  if skip >= 3000 then
    stopped[2], stopped[3] = number(tonumber(page[#page])), page[#page - 1]
    break
  end
end
return answer
