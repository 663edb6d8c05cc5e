# Tries on Windows itself what CI tries in Wine, by the same scripts and with the same plugins: they find this project as
# Z:\dlrpc and what prepare.ts has made as Z:\work, on a volume of their own, to which only this user may write.
#
# Usage: on-windows.ps1 -Furnished DIRECTORY -Program FILE [-Worker FILE], as an administrator
param(
    [Parameter(Mandatory)] [string] $Furnished,
    # The single executable.
    [Parameter(Mandatory)] [string] $Program,
    # In the place of the one that mingw-w64 has made.
    [string] $Worker
)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$disk = Join-Path $env:TEMP 'dlrpc-tests.vhdx'
@"
create vdisk file="$disk" maximum=8192 type=expandable
select vdisk file="$disk"
attach vdisk
create partition primary
format fs=ntfs quick
assign letter=Z
"@ | diskpart
icacls Z:\ /inheritance:r /grant:r "${env:USERNAME}:(OI)(CI)F" 'SYSTEM:(OI)(CI)F'

Copy-Item -Recurse $Furnished Z:\work
# An artifact has no links: this one is a directory there, or nothing.
Remove-Item -Recurse -ErrorAction Ignore Z:\work\linked
New-Item -ItemType Junction -Path Z:\work\linked -Target Z:\work\plugins | Out-Null
$project = Split-Path (Split-Path $PSScriptRoot)
New-Item -ItemType Directory Z:\dlrpc | Out-Null
foreach ($part in 'package.json', 'protocol', 'src', 'test') { Copy-Item -Recurse (Join-Path $project $part) Z:\dlrpc }
# What was built, and packages that the scripts import: they are only read.
foreach ($part in 'dist', 'node_modules') {
    New-Item -ItemType Junction -Path "Z:\dlrpc\$part" -Target (Join-Path $project $part) | Out-Null
}
$packedHome = Get-ChildItem Z:\work -Directory -Filter 'with spaces*'
Copy-Item $Program (Join-Path $packedHome.FullName 'dlrpc.exe')
if ($Worker) { Copy-Item -Force $Worker Z:\work\worker.exe }

Set-Location Z:\work
$options = '--conditions=portable', '--import=file:///Z:/dlrpc/test/windows/inside/hooks.ts', '--test-timeout=120000'
foreach ($script in 'all', 'hostile', 'packed') { .\node.exe @options "Z:\dlrpc\test\windows\inside\$script.ts" }
