# agent_common.ps1 - behind common.ps1 in the scripts about the CloudWatch agent.
$agentControl = Join-Path $env:ProgramFiles 'Amazon\AmazonCloudWatchAgent\amazon-cloudwatch-agent-ctl.ps1'
$agentData = Join-Path $env:ProgramData 'Amazon\AmazonCloudWatchAgent'
$agentLog = Join-Path $agentData 'Logs\amazon-cloudwatch-agent.log'

function Get-AgentState {
	$service = Get-Service -Name AmazonCloudWatchAgent
	if (-not $service) { return 'not installed' }
	if ($service.Status -eq 'Running') { return 'running' }
	'stopped'
}

function Show-AgentDetails {
	if (Test-Path -LiteralPath $agentControl) {
		& $agentControl -m ec2 -a status 2>&1 | Select-Object -First 15 | ForEach-Object { Cut "$_" 200 }
	} else {
		"there is no $agentControl"
	}
	Get-CimInstance -ClassName Win32_Service -Filter "Name = 'AmazonCloudWatchAgent'" | ForEach-Object {
		'service {0}, starts {1}, process {2}, last exit {3}' -f $_.State, $_.StartMode, $_.ProcessId, $_.ExitCode
	}
}

function Show-AgentLogEnd {
	Section 'End of its log'
	$lines = @(Get-Content -LiteralPath $agentLog -Tail 8)
	$lines | ForEach-Object { Cut "$_" 300 }
	if ($lines.Count -eq 0) { "$agentLog is empty or missing" }
}
