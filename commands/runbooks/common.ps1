# common.ps1 - stands in front of every built-in script for Windows. PowerShell 5.1, nothing to install.
$ErrorActionPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
[Threading.Thread]::CurrentThread.CurrentCulture = [Globalization.CultureInfo]::InvariantCulture
try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { }

function Cut([string]$text, [int]$width) {
	$text = $text -replace '[\x00-\x1f\x7f]', ' '
	if ($text.Length -gt $width) { $text = $text.Substring(0, $width - 3) + '...' }
	$text.TrimEnd()
}

function Section([string]$text) {
	''
	"== $text =="
}

function Title([string]$name) {
	'{0}: {1} at {2}' -f $name, (Cut $env:COMPUTERNAME 80), [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
}

function Elapsed($since) {
	if (-not $since) { return '-' }
	$span = (Get-Date) - $since
	if ($span.Days -gt 0) { return '{0}d {1}:{2:00}:{3:00}' -f $span.Days, $span.Hours, $span.Minutes, $span.Seconds }
	if ($span.Hours -gt 0) { return '{0}:{1:00}:{2:00}' -f $span.Hours, $span.Minutes, $span.Seconds }
	'{0:00}:{1:00}' -f $span.Minutes, $span.Seconds
}

# The times and sizes of every process. 0 is no process but the idle time.
function Sample {
	@{
		At = [Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency
		Processes = @(Get-CimInstance -ClassName Win32_Process | Where-Object { $_.ProcessId -ne 0 })
	}
}

# One object a process: what it used and grew by between two samples. This script is left out.
function Compare-Sample($first, $second) {
	$before = @{}
	foreach ($p in $first.Processes) { $before["$($p.ProcessId) $($p.CreationDate)"] = $p }
	$span = [Math]::Max($second.At - $first.At, 0.01)
	foreach ($p in $second.Processes) {
		if ($p.ProcessId -eq $PID) { continue }
		$ticks = [double]$p.KernelModeTime + [double]$p.UserModeTime # of 100 ns
		$old = $before["$($p.ProcessId) $($p.CreationDate)"]
		$used = $ticks
		$grown = 0.0
		if ($old) {
			$used = $ticks - [double]$old.KernelModeTime - [double]$old.UserModeTime
			$grown = [double]$p.WorkingSetSize - [double]$old.WorkingSetSize
		}
		[pscustomobject]@{
			Cpu = $used / 1e7 / $span * 100; Total = $ticks; Memory = [double]$p.WorkingSetSize; Grown = $grown
			Id = $p.ProcessId; Process = $p
		}
	}
}

function Show-Processes($list) {
	$all = [double](Get-CimInstance -ClassName Win32_ComputerSystem).TotalPhysicalMemory
	'{0,6} {1,5} {2,9} {3,9} {4,7} {5,-16} {6,12} {7}' -f 'CPU%', 'MEM%', 'RSS-MiB', 'GROWN-MiB', 'PID', 'USER', 'ELAPSED', 'COMMAND'
	foreach ($entry in $list) {
		$owner = Invoke-CimMethod -InputObject $entry.Process -MethodName GetOwner
		$user = '-'
		if ($owner -and $owner.User) { $user = Cut $owner.User 16 }
		$command = $entry.Process.CommandLine
		if (-not $command) { $command = '[' + $entry.Process.Name + ']' }
		'{0,6:F1} {1,5:F1} {2,9:F1} {3,9:F1} {4,7} {5,-16} {6,12} {7}' -f $entry.Cpu, ($entry.Memory * 100 / $all),
			($entry.Memory / 1MB), ($entry.Grown / 1MB), $entry.Id, $user, (Elapsed $entry.Process.CreationDate), (Cut $command 150)
	}
}

# Windows kills nothing when memory runs out; it writes down who had most of it.
function Show-MemoryShortages {
	Section 'Memory shortages in the event log'
	$found = @(Get-WinEvent -MaxEvents 3 -FilterHashtable @{
			LogName = 'System'; ProviderName = 'Microsoft-Windows-Resource-Exhaustion-Detector'; Id = 2004 })
	foreach ($event in $found) {
		'{0} {1}' -f $event.TimeCreated.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ'), (Cut $event.Message 400)
	}
	if ($found.Count -eq 0) { 'none' }
}

function Get-Disks {
	@(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType = 3' | Where-Object { $_.Size -gt 0 } |
		Sort-Object { $_.FreeSpace / $_.Size })
}
