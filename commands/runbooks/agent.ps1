# agent - does the CloudWatch agent run, and what does it complain about? The answer is the first line.
'agent: {0}' -f (Get-AgentState)
Title 'agent'

Section 'Status'
Show-AgentDetails

Section 'Configuration'
$found = @(Get-ChildItem -Path "$agentData\*.toml", "$agentData\*.json", "$agentData\Configs\*" -File)
$found | Select-Object -First 12 | ForEach-Object {
	'{0} {1,8} {2}' -f $_.LastWriteTimeUtc.ToString('yyyy-MM-ddTHH:mm:ssZ'), $_.Length, (Cut $_.FullName 160)
}
if ($found.Count -eq 0) { "none in $agentData" }

Section 'Last errors and warnings in its log'
$bad = @(Get-Content -LiteralPath $agentLog -Tail 2000 | Where-Object { $_ -match ' [EW]! |error' } | Select-Object -Last 8)
$bad | ForEach-Object { Cut "$_" 300 }
if ($bad.Count -eq 0) { 'none' }

Show-AgentLogEnd
exit 0
