-- Counts and pages at one position. ARGV: for each page 4 words: its indexes by line, the seq to begin at, how many, and
-- newest or oldest. Returns {'OK', counts, page …} or an obstacle

local project = know_whole()
local stands = obstacle(project)
if stands then return stands end
local answer = {'OK', counts(project)}
for i = 1, #ARGV, 4 do
  answer[#answer + 1] = merge(split(ARGV[i]), ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == 'newest')
end
return answer
