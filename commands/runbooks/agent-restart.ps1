# agent-restart - restarts the CloudWatch agent and waits until it runs. The exit status tells: 0 it runs.
$seconds = 20 # to wait for it

Title 'agent-restart'
Section 'Before'
$state = Get-AgentState
"agent: $state"
if ($state -eq 'not installed') {
	'there is nothing to restart'
	exit 1
}
Show-AgentDetails

Section 'Restart'
try {
	Restart-Service -Name AmazonCloudWatchAgent -Force -ErrorAction Stop
} catch {
	Cut "$_" 300
}

# Three times in a row: one that ends at once does not run.
$waited = 0
$times = 0
while ($times -lt 3 -and $waited -lt $seconds) {
	Start-Sleep -Seconds 1
	$waited++
	if ((Get-AgentState) -eq 'running') { $times++ } else { $times = 0 }
}
"waited $waited s"

Section 'After'
'agent: {0}' -f (Get-AgentState)
Show-AgentDetails
Show-AgentLogEnd
if ($times -lt 3) { exit 1 }
exit 0
