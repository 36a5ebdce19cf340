# disk - which disk is full, and of what.
$path = {{path}}
$seconds = 20 # for looking at files; the answer then says that it is not whole

$disks = Get-Disks
$verdict = 'no disk found'
if ($disks.Count -gt 0) {
	$verdict = 'fullest: {0}, {1:F0}% of {2:F1} GiB, {3:F1} GiB free' -f $disks[0].DeviceID,
		(100 - $disks[0].FreeSpace * 100 / $disks[0].Size), ($disks[0].Size / 1GB), ($disks[0].FreeSpace / 1GB)
}
Cut $verdict 150
Title 'disk'

Section 'Disks, the fullest first'
'{0,5} {1,9} {2,9} {3}' -f 'USED', 'SIZE-GiB', 'FREE-GiB', 'DISK'
foreach ($disk in $disks | Select-Object -First 15) {
	'{0,4:F0}% {1,9:F1} {2,9:F1} {3} {4}' -f (100 - $disk.FreeSpace * 100 / $disk.Size), ($disk.Size / 1GB),
		($disk.FreeSpace / 1GB), $disk.DeviceID, (Cut $disk.VolumeName 40)
}

if ($path) {
	if (-not (Test-Path -LiteralPath $path)) {
		''
		'The path that was asked for does not exist here, or may not be seen:'
		Cut $path 160
		exit 1
	}
	$place = (Get-Item -LiteralPath $path -Force).FullName
} else {
	$place = "$env:SystemDrive\"
	if ($disks.Count -gt 0) { $place = $disks[0].DeviceID + '\' }
	"The fullest is $place"
}

# One walk gives both lists; links to elsewhere are not followed.
$base = $place.TrimEnd('\')
$sum = @{}
$recent = New-Object Collections.ArrayList
$yesterday = [DateTime]::UtcNow.AddDays(-1)
$watch = [Diagnostics.Stopwatch]::StartNew()
$waiting = New-Object Collections.Stack
$waiting.Push((New-Object IO.DirectoryInfo $place))
$all = 0.0
$files = 0
$unseen = 0
while ($waiting.Count -gt 0 -and $watch.Elapsed.TotalSeconds -lt $seconds) {
	$folder = $waiting.Pop()
	try { $entries = $folder.GetFileSystemInfos() } catch { $unseen++; continue }
	$own = 0.0
	foreach ($entry in $entries) {
		if ($entry.Attributes -band [IO.FileAttributes]::ReparsePoint) { continue }
		if ($entry -is [IO.DirectoryInfo]) { $waiting.Push($entry); continue }
		$own += $entry.Length
		$files++
		if ($entry.LastWriteTimeUtc -gt $yesterday -and $entry.Length -ge 1MB) { [void]$recent.Add($entry) }
	}
	$all += $own
	$name = $base
	$parts = @($folder.FullName.Substring([Math]::Min($base.Length, $folder.FullName.Length)).Split('\') | Where-Object { $_ })
	foreach ($part in $parts | Select-Object -First 5) {
		$name = "$name\$part"
		$sum[$name] = [double]$sum[$name] + $own
	}
	if ($parts.Count -eq 0) { $sum["$base\."] = $own }
}

# Of a directory that is nearly all one directory below it, only the latter is shown.
$below = @{}
foreach ($name in $sum.Keys) {
	$above = $name.Substring(0, $name.LastIndexOf('\'))
	if ($sum[$name] -gt [double]$below[$above]) { $below[$above] = $sum[$name] }
}

Section 'Largest directories'
'of {0}, this disk only' -f (Cut $place 180)
$whole = ''
if ($unseen -gt 0) { $whole = '; not all: some could not be seen' }
if ($waiting.Count -gt 0) { $whole = '; not all: the time for looking was over' }
'{0:F1} MiB in {1} files{2}' -f ($all / 1MB), $files, $whole
$sum.GetEnumerator() | Where-Object { [double]$below[$_.Key] -lt 0.9 * $_.Value } |
	Sort-Object -Property Value -Descending | Select-Object -First 12 |
	ForEach-Object { '{0,9:F1} MiB {1}' -f ($_.Value / 1MB), (Cut $_.Key 180) }

Section 'Largest files changed in the last day'
$recent | Sort-Object -Property Length -Descending | Select-Object -First 8 |
	ForEach-Object { '{0,9:F1} MiB {1}' -f ($_.Length / 1MB), (Cut $_.FullName 180) }
if ($recent.Count -eq 0) { 'none seen' }
exit 0
