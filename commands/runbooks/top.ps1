# top - what the CPUs do now. Two samples: the share of a process since its start says nothing of now.
$count = {{count}}
if (-not $count) { $count = 5 }
$count = [int]$count

$first = Sample
Start-Sleep -Seconds 1
$second = Sample

$system = Get-CimInstance -ClassName Win32_OperatingSystem
$cpus = (Get-CimInstance -ClassName Win32_ComputerSystem).NumberOfLogicalProcessors
$queue = (Get-CimInstance -ClassName Win32_PerfFormattedData_PerfOS_System).ProcessorQueueLength
$list = @(Compare-Sample $first $second)
$busy = [Math]::Min(($list | Measure-Object -Property Cpu -Sum).Sum / [Math]::Max($cpus, 1), 100)
$most = $list | Sort-Object -Property Cpu -Descending | Select-Object -First 1
Cut ('CPU {0:F1} % busy; most: {1} (pid {2}), {3:F1} % of one CPU' -f $busy, $most.Process.Name, $most.Id, $most.Cpu) 150
Title 'top'

Section 'Uptime and load'
'up {0}; {1} threads wait for a CPU; {2} CPUs' -f (Elapsed $system.LastBootUpTime), $queue, $cpus

Section 'CPU now'
'{0:F1} % busy in {1:F1} s' -f $busy, ($second.At - $first.At)

Section "The $count processes that use most CPU now (100 % is one CPU)"
Show-Processes ($list | Sort-Object -Property @{ Expression = 'Cpu'; Descending = $true },
	@{ Expression = 'Total'; Descending = $true }, Id | Select-Object -First $count)

Section 'Memory'
'{0:F0} MiB, available {1:F0} MiB ({2:F1} %)' -f ($system.TotalVisibleMemorySize / 1024),
	($system.FreePhysicalMemory / 1024), ($system.FreePhysicalMemory * 100 / $system.TotalVisibleMemorySize)

Section 'Disks'
foreach ($disk in Get-Disks | Select-Object -First 3) {
	'{0,3:F0}% of {1:F1} GiB used on {2}' -f (100 - $disk.FreeSpace * 100 / $disk.Size), ($disk.Size / 1GB), $disk.DeviceID
}

Show-MemoryShortages
exit 0
