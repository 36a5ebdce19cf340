# memory - how much is left, who has it, and who takes more right now.
$count = {{count}}
if (-not $count) { $count = 5 }
$count = [int]$count

$first = Sample
Start-Sleep -Seconds 2
$second = Sample
$list = @(Compare-Sample $first $second)
$system = Get-CimInstance -ClassName Win32_OperatingSystem
$most = $list | Sort-Object -Property Memory -Descending | Select-Object -First 1
Cut ('memory {0:F1} % used; most: {1} (pid {2}), {3:F0} MiB' -f
	(100 - $system.FreePhysicalMemory * 100 / $system.TotalVisibleMemorySize), $most.Process.Name, $most.Id, ($most.Memory / 1MB)) 150
Title 'memory'

Section 'Memory'
'total {0:F0} MiB, available {1:F0} MiB ({2:F1} %)' -f ($system.TotalVisibleMemorySize / 1024),
	($system.FreePhysicalMemory / 1024), ($system.FreePhysicalMemory * 100 / $system.TotalVisibleMemorySize)
'committed {0:F0} MiB of {1:F0} MiB' -f (($system.TotalVirtualMemorySize - $system.FreeVirtualMemory) / 1024),
	($system.TotalVirtualMemorySize / 1024)
foreach ($file in Get-CimInstance -ClassName Win32_PageFileUsage) {
	'page file {0}: {1} MiB of {2} MiB used' -f (Cut $file.Name 100), $file.CurrentUsage, $file.AllocatedBaseSize
}

Section "The $count processes with most resident memory"
Show-Processes ($list | Sort-Object -Property Memory -Descending | Select-Object -First $count)

Section 'Grown within these 2 seconds'
$grown = @($list | Where-Object { $_.Grown -gt 0 } | Sort-Object -Property Grown -Descending | Select-Object -First $count)
if ($grown.Count -gt 0) { Show-Processes $grown } else { 'no process' }

Show-MemoryShortages
exit 0
