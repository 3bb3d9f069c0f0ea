-- Has the log begin again unless it is sound. ARGV: a token never used before

local project = know_project()
if not project.sound then
  begin_again(project, ARGV[1])
  return 1
end
return 0
